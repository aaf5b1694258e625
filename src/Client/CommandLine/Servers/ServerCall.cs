using System.CommandLine;
using System.Runtime.InteropServices;

namespace Splitwiser.Client.CommandLine.Servers;

/// <summary>The edge of every command: Ctrl-C cancels its work, and what the server has against it is one line and an exit code.</summary>
internal static class ServerCall
{
    public static async Task<int> Run(this ServerOptions options, Terminal terminal, ParseResult parsed, CancellationToken ct, Func<IServer, CancellationToken, Task<int>> work)
    {
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        return await options.RunUncancelled(terminal, parsed, cancelled.Token, work);

        void Cancel(PosixSignalContext signal)
        {
            signal.Cancel = true; // the process ends by itself
            cancelled.Cancel();
        }
    }

    /// <summary>The same for a command that sees to Ctrl-C itself.</summary>
    public static async Task<int> RunUncancelled(this ServerOptions options, Terminal terminal, ParseResult parsed, CancellationToken ct, Func<IServer, CancellationToken, Task<int>> work)
    {
        var address = "The server";
        try
        {
            await using var server = await options.Connect(parsed, ct);
            address = server.Address;
            return await work(server, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return ExitCode.Cancelled;
        }
        catch (BadAddressException e)
        {
            return await terminal.Fail(e.Message, ExitCode.Usage);
        }
        catch (Exception e) when (ServerFailure.Of(e, address) is { } message)
        {
            return await terminal.Fail(message);
        }
    }
}
