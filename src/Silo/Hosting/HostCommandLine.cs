using System.CommandLine;
using Spectre.Console;
using Splitwiser.Client.CommandLine;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Silo.Demo;
using Splitwiser.Silo.Options;
using Splitwiser.Silo.Safety;

namespace Splitwiser.Silo.Hosting;

/// <summary>The command line of the host: serve, or show a demonstration.</summary>
internal sealed class HostCommandLine(IAnsiConsole console, TextWriter errors)
{
    private readonly CommandLineSettings settings = new();

    /// <summary>Told the addresses once the API listens.</summary>
    public Action<IReadOnlyCollection<string>>? Started { get; init; }

    /// <summary>Finds the GPUs to serve on.</summary>
    public GpuFinder Gpus { get; init; } = CudaDevice.Find;

    /// <summary>Where --help goes.</summary>
    public TextWriter Output { get; init; } = Console.Out;

    /// <summary>0 after an orderly end, 1 when the host could not start or failed, 2 for wrong settings.</summary>
    public async Task<int> Run(IReadOnlyList<string> args, CancellationToken ct = default)
    {
        var root = new RootCommand("Splitwiser: serves a language model over HTTP and Orleans.");
        settings.AddTo(root);
        root.SetAction((parsed, cancelled) => Guarded(configuration => new ServeCommand(console, Gpus).Run(configuration, Started, cancelled), parsed));
        var demo = new DemoOptions();
        var command = new Command("demo", "Runs several prompts at once on a small model and shows their texts, timings and pages.");
        demo.AddTo(command);
        command.SetAction((parsed, cancelled) => Guarded(configuration => new DemoCommand(console, demo.Read(parsed), TimeProvider.System, Gpus).Run(configuration, cancelled), parsed));
        root.Subcommands.Add(command);
        root.Subcommands.Add(NewKeyCommand.Create(Output));
        root.Subcommands.Add(SettingsReference.Command(Output));
        var parsed = root.Parse(args);
        var code = await parsed.InvokeAsync(new InvocationConfiguration { Output = Output, Error = errors, ProcessTerminationTimeout = null }, ct);
        return parsed.Errors.Count > 0 ? ExitCode.Usage : code;
    }

    private async Task<int> Guarded(Func<IConfiguration, Task<int>> run, ParseResult parsed)
    {
        try
        {
            return await run(SettingSources.Read(settings.Given(parsed)));
        }
        catch (Exception e) when (StartProblems.Of(e) is { Problems.Count: > 0 } known)
        {
            foreach (var problem in known.Problems)
                await errors.WriteLineAsync($"error: {problem}");
            return known.ExitCode;
        }
    }
}
