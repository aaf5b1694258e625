using System.CommandLine;
using Spectre.Console;

namespace Splitwiser.Bench.Kill;

/// <summary><c>kill</c>: silo processes are killed under the streams of an Orleans client. scripts/cluster-kill.sh prepares what it needs.</summary>
internal static class KillCommand
{
    private static readonly Option<string> Model = new("--model") { Description = "Model folder.", DefaultValueFactory = _ => Shapes.DemoModel };
    private static readonly Option<string> Provider = new("--provider") { Description = "Of the membership: Localhost, Redis or AdoNet; its connection comes from Splitwiser__Clustering__... in the environment.", DefaultValueFactory = _ => "Localhost" };
    private static readonly Option<int> Silos = new("--silos") { Description = "Silo processes.", DefaultValueFactory = _ => 3 };
    private static readonly Option<int> Streams = new("--streams") { Description = "Streams at a time, of up to 60 tokens.", DefaultValueFactory = _ => 300 };
    private static readonly Option<int> Repetitions = new("--repetitions") { Description = "Kills.", DefaultValueFactory = _ => 1 };
    private static readonly Option<double> WorstGap = new("--worst-gap") { Description = "Seconds that no stream may stand still.", DefaultValueFactory = _ => 3 };
    private static readonly Option<string?> Logs = new("--logs") { Description = "Folder for what the silos write; none keeps nothing." };
    private static readonly Option<string?> Results = new("--results") { Description = "Folder for the JSON file; none writes no file." };

    public static Command Create()
    {
        var command = new Command("kill", "Kills one of several silo processes under streams of an Orleans client, again and again: are the tokens the same, how long did they stand still, are pages leaked? Microsoft engine.")
        {
            Model, Provider, Silos, Streams, Repetitions, WorstGap, Logs, Results,
        };
        command.SetAction((parsed, ct) => BenchFailure.Told(() => Run(parsed, ct)));
        return command;
    }

    private static async Task<int> Run(ParseResult parsed, CancellationToken ct)
    {
        var plan = new KillPlan(
            parsed.GetValue(Model)!, parsed.GetValue(Provider)!, parsed.GetValue(Silos), parsed.GetValue(Streams), parsed.GetValue(Repetitions), TimeSpan.FromSeconds(parsed.GetValue(WorstGap)));
        if (plan.Silos < 2 || plan.Streams < 1 || plan.Repetitions < 1)
        {
            Console.Error.WriteLine("There are at least 2 silos, 1 stream and 1 repetition.");
            return 2;
        }

        if (parsed.GetValue(Logs) is { } logs) Directory.CreateDirectory(logs);
        await using var cluster = await SiloProcesses.Start(plan, parsed.GetValue(Logs), ct);
        using var stalls = new StallWatch(TimeProvider.System);
        var report = await new KillBench(plan, cluster, stalls, TimeProvider.System).Run(ct);
        AnsiConsole.Write(report.Table());
        if (parsed.GetValue(Results) is { } folder) Console.WriteLine($"Written to {report.Write(folder)}");
        Console.WriteLine($"{report.Exact} of {report.Streams} answers are the same");
        return report.Holds ? 0 : 1;
    }
}
