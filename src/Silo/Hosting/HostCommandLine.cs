using System.CommandLine;
using Spectre.Console;
using Splitwiser.Client.CommandLine;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Silo.Demo;
using Splitwiser.Silo.Options;
using Splitwiser.Silo.Safety;

namespace Splitwiser.Silo.Hosting;

/// <summary>The command line of the host: serve, or show a demonstration; and all that the client can do with a server that runs.</summary>
internal sealed class HostCommandLine(Terminal terminal)
{
    private readonly CommandLineSettings settings = new();
    private readonly CommandLineSettings rootSettings = new(hidden: true); // without a command it serves, too

    public HostCommandLine(IAnsiConsole console, TextWriter errors) : this(new Terminal(console, TextReader.Null, errors, TimeProvider.System))
    {
    }

    /// <summary>Told the addresses once the server listens.</summary>
    public Action<IReadOnlyCollection<string>>? Listening { get; init; }

    /// <summary>Told the addresses once the API serves.</summary>
    public Action<IReadOnlyCollection<string>>? Started { get; init; }

    /// <summary>Finds the GPUs to serve on.</summary>
    public GpuFinder Gpus { get; init; } = CudaDevice.Find;

    /// <summary>Where --help goes.</summary>
    public TextWriter Output { get; init; } = Console.Out;

    /// <summary>0 after an orderly end, 1 when the host could not start or failed, 2 for wrong settings.</summary>
    public async Task<int> Run(IReadOnlyList<string> args, CancellationToken ct = default)
    {
        var root = new RootCommand("Splitwiser: serves a language model over HTTP and Orleans. Without a command it serves.") { Serve(), Demo() };
        rootSettings.AddTo(root);
        root.SetAction(Serve);
        var clients = ClientCommands.Create(terminal);
        foreach (var command in clients)
            root.Subcommands.Add(command);
        root.Subcommands.Add(NewKeyCommand.Create(Output));
        root.Subcommands.Add(SettingsReference.Command(Output));
        var parsed = root.Parse(args);
        if (parsed.Errors.Count == 0 && clients.Contains(parsed.CommandResult.Command) && rootSettings.Given(parsed).Any())
            return await terminal.Fail("What stands before a client's command are settings of a server; its own options stand behind it.", ExitCode.Usage);
        var code = await parsed.InvokeAsync(new InvocationConfiguration { Output = Output, Error = terminal.Errors, ProcessTerminationTimeout = null }, ct);
        return parsed.Errors.Count > 0 ? ExitCode.Usage : code;
    }

    private Command Serve()
    {
        var command = new Command("serve", "Serves a model until it is told to stop.");
        settings.AddTo(command);
        command.SetAction(Serve);
        return command;
    }

    private Task<int> Serve(ParseResult parsed, CancellationToken ct) =>
        Guarded(configuration => new ServeCommand(terminal.Screen, Gpus) { Listening = Listening, Started = Started }.Run(configuration, ct), parsed);

    private Command Demo()
    {
        var demo = new DemoOptions();
        var command = new Command("demo", "Runs several prompts at once on a small model and shows their texts, timings and pages.");
        demo.AddTo(command);
        settings.AddTo(command);
        command.SetAction((parsed, ct) => Guarded(configuration => new DemoCommand(terminal.Screen, demo.Read(parsed), TimeProvider.System, Gpus).Run(configuration, ct), parsed));
        return command;
    }

    private async Task<int> Guarded(Func<IConfiguration, Task<int>> run, ParseResult parsed)
    {
        try
        {
            return await run(SettingSources.Read(settings.Given(parsed).Concat(rootSettings.Given(parsed)).DistinctBy(given => given.Key)));
        }
        catch (Exception e) when (StartProblems.Of(e) is { Problems.Count: > 0 } known)
        {
            foreach (var problem in known.Problems)
                await terminal.Errors.WriteLineAsync($"error: {problem}");
            return known.ExitCode;
        }
    }
}
