using System.Text;
using Spectre.Console;
using Splitwiser.Silo.Hosting;

namespace Splitwiser.Silo.Tests;

/// <summary>A host, started in this process through its command line, on a port of its own.</summary>
internal sealed class RunningSilo : IAsyncDisposable
{
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(60);
    private readonly CancellationTokenSource stop = new();
    private readonly StringBuilder errors = new();

    private RunningSilo(string[] args)
    {
        var started = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(TextWriter.Null) });
        var host = new HostCommandLine(console, new StringWriter(errors)) { Started = addresses => started.TrySetResult(new Uri(addresses.First())) };
        string[] defaults = [.. args.Contains("--urls") ? [] : new[] { "--urls", "http://127.0.0.1:0" }, .. args.Contains("--device") ? [] : new[] { "--device", "cpu" }];
        Ended = Task.Run(() => host.Run([.. defaults, .. args], stop.Token));
        Address = Task.WhenAny(started.Task, Ended).ContinueWith(
            _ => started.Task.IsCompleted ? started.Task.Result : throw new InvalidOperationException($"The host did not start: {errors}"), TaskScheduler.Default);
    }

    /// <summary>The exit code, once it has ended.</summary>
    public Task<int> Ended { get; }

    public Api Api { get; private set; } = null!;

    private Task<Uri> Address { get; }

    public static async Task<RunningSilo> Start(params string[] args)
    {
        var silo = new RunningSilo(args);
        silo.Api = new Api(await silo.Address);
        return silo;
    }

    /// <summary>The demo model, with few pages and settings of a test's own.</summary>
    public static Task<RunningSilo> StartDemo(params string[] args) => Start(["--model", Repository.DemoModel, "--num-gpu-blocks-override", "512", .. args]);

    /// <summary>What SIGTERM does.</summary>
    public void BeginStop() => stop.Cancel();

    public async ValueTask DisposeAsync()
    {
        BeginStop();
        await Ended.WaitAsync(StopDeadline);
        Api.Dispose();
        stop.Dispose();
    }
}
