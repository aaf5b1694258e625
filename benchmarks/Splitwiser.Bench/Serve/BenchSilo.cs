using Spectre.Console;
using Splitwiser.Silo.Hosting;

namespace Splitwiser.Bench.Serve;

/// <summary>A silo in this process, started through its own command line, on a port of its own.</summary>
internal sealed class BenchSilo : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Task<int> ended;

    private BenchSilo(IReadOnlyList<string> arguments, Action<Uri> started)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(TextWriter.Null) });
        var host = new HostCommandLine(console, Console.Error) { Started = addresses => started(new Uri(addresses.First())) };
        ended = Task.Run(() => host.Run(["--urls", "http://127.0.0.1:0", .. arguments], stop.Token));
    }

    public Uri Address { get; private set; } = null!;

    /// <exception cref="BenchException">It did not start; it has said why on the error stream.</exception>
    public static async Task<BenchSilo> Start(IReadOnlyList<string> arguments)
    {
        Environment.SetEnvironmentVariable("Logging__LogLevel__Default", "Warning");     // its log would stand between the lines of progress
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var silo = new BenchSilo(arguments, uri => address.TrySetResult(uri));
        if (await Task.WhenAny(address.Task, silo.ended) == silo.ended) throw new BenchException($"The silo did not start with {string.Join(' ', arguments)}.");
        silo.Address = await address.Task;
        return silo;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await ended;
        stop.Dispose();
    }
}
