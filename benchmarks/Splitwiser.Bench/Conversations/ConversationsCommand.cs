using System.CommandLine;
using Spectre.Console;
using Splitwiser.Bench.Devices;
using Splitwiser.Grains;
using Splitwiser.Models;

namespace Splitwiser.Bench.Conversations;

/// <summary><c>conversations</c>: what following the cache is worth, against devices in turn and against the least loaded one.</summary>
internal static class ConversationsCommand
{
    private static readonly RoutingRule[] Rules = [RoutingRule.KvAware, RoutingRule.RoundRobin, RoutingRule.LeastLoaded];

    private static readonly Option<string> Model = new("--model") { Description = "Model folder.", DefaultValueFactory = _ => Shapes.DemoModel };
    private static readonly Option<bool> RandomWeights = new("--random-weights") { Description = "Draws the weights: the folder needs a config.json alone." };
    private static readonly Option<string> Device = new("--device") { Description = "cpu or cuda.", DefaultValueFactory = _ => "cpu" };
    private static readonly Option<int> Devices = new("--devices") { Description = "Devices of the one silo.", DefaultValueFactory = _ => 4 };
    private static readonly Option<int> Pages = new("--pages") { Description = "Pages of each device.", DefaultValueFactory = _ => 1600 };
    private static readonly Option<int> Threads = new("--threads") { Description = "CPU: threads of each device.", DefaultValueFactory = _ => 1 };
    private static readonly Option<int> Count = new("--conversations") { Description = "Conversations.", DefaultValueFactory = _ => 64 };
    private static readonly Option<int> Turns = new("--turns") { Description = "Turns of each.", DefaultValueFactory = _ => 8 };
    private static readonly Option<int> System = new("--system") { Description = "Tokens of the prompt that all begin with.", DefaultValueFactory = _ => 1000 };
    private static readonly Option<int> User = new("--user") { Description = "Tokens that a user says in a turn.", DefaultValueFactory = _ => 40 };
    private static readonly Option<int> Answer = new("--answer") { Description = "Tokens of an answer.", DefaultValueFactory = _ => 40 };
    private static readonly Option<int> AtOnce = new("--at-once") { Description = "Turns that are answered at a time; the others think.", DefaultValueFactory = _ => 4 };
    private static readonly Option<int> Runs = new("--runs") { Description = "Repetitions, each of all rules; medians are reported.", DefaultValueFactory = _ => 3 };
    private static readonly Option<string?> Results = new("--results") { Description = "Folder for the JSON file; none writes no file." };

    public static Command Create()
    {
        var command = new Command("conversations", "Conversations behind a shared prompt on several devices, routed by each rule in turn: cache hits, times to the first token, balance.")
        {
            Model, RandomWeights, Device, Devices, Pages, Threads, Count, Turns, System, User, Answer, AtOnce, Runs, Results,
        };
        command.SetAction((parsed, ct) => BenchFailure.Told(() => Run(parsed, ct)));
        return command;
    }

    private static async Task<int> Run(ParseResult parsed, CancellationToken ct)
    {
        var shape = new ConversationShape(parsed.GetValue(Count), parsed.GetValue(Turns), parsed.GetValue(System), parsed.GetValue(User), parsed.GetValue(Answer), parsed.GetValue(AtOnce));
        if (parsed.GetValue(Device) is not ("cpu" or "cuda") || parsed.GetValue(Runs) < 1 || parsed.GetValue(Devices) < 1 || !shape.IsPossible)
        {
            Console.Error.WriteLine("--device is cpu or cuda, and every number is at least 1.");
            return 2;
        }

        var plan = new FleetPlan(
            parsed.GetValue(Model)!, parsed.GetValue(RandomWeights), parsed.GetValue(Device) == "cuda", [.. Enumerable.Range(0, parsed.GetValue(Devices))], parsed.GetValue(Threads), parsed.GetValue(Pages),
            MaxSequences: 64, ModelLength: shape.Length + 1);
        if (ModelFolder.Open(plan.Model).Config.MaxPositions is var most && shape.Length >= most) throw new BenchException($"--system, --turns, --user, --answer: {plan.Model} takes less than {most} tokens, and not {shape.Length}");
        using var fleet = FleetOfRunners.Open(plan, ct);
        var outcomes = Rules.ToDictionary(rule => rule, _ => new List<ConversationOutcome>());
        await ConversationRun.Measure(fleet, shape with { Count = Math.Min(8, shape.Count), Turns = 2 }, RoutingRule.KvAware, ct); // .NET compiles, the GPU times its algorithms
        for (var run = 0; run < parsed.GetValue(Runs); run++)
        {
            foreach (var rule in Rules)
            {
                outcomes[rule].Add(await ConversationRun.Measure(fleet, shape, rule, ct));
                Console.WriteLine($"run {run + 1}, {rule}: {outcomes[rule][^1]}");
            }
        }

        var report = new ConversationReport(shape, fleet.Hardware, outcomes);
        AnsiConsole.Write(report.Table());
        if (parsed.GetValue(Results) is { } folder)
            Console.WriteLine($"Written to {report.Write(folder)}");
        return 0;
    }
}
