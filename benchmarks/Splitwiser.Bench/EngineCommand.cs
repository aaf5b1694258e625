using System.CommandLine;
using Spectre.Console;

namespace Splitwiser.Bench;

/// <summary><c>engine</c>: how near the device engine is to its limits, and what the actor layer costs on top.</summary>
internal static class EngineCommand
{
    public static Command Create()
    {
        var shape = new Option<string>("--shape") { Description = "Folder with a config.json; its weights are random.", DefaultValueFactory = _ => Shapes.Llama1B };
        var model = new Option<string>("--model") { Description = "Model folder for the cost of the actor layer.", DefaultValueFactory = _ => Shapes.DemoModel };
        var threads = new Option<int>("--threads") { Description = "Threads of the CPU runner.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var prompt = new Option<int>("--prompt") { Description = "Prompt tokens.", DefaultValueFactory = _ => 256 };
        var output = new Option<int>("--output") { Description = "Output tokens.", DefaultValueFactory = _ => 64 };
        var streams = new Option<int>("--streams") { Description = "Concurrent streams for the cost of the actor layer.", DefaultValueFactory = _ => 32 };
        var runs = new Option<int>("--runs") { Description = "Runs of everything; medians are reported.", DefaultValueFactory = _ => 5 };
        var part = new Option<string>("--part") { Description = "What to measure: all, stream or actors.", DefaultValueFactory = _ => "all" };
        part.AcceptOnlyFromAmong("all", "stream", "actors");
        var results = new Option<string?>("--results") { Description = "Folder for the JSON file; none writes no file." };
        var command = new Command("engine", "One stream on a random 1B shape against the machine's read rate; grains against the bare worker on the demo model.")
        {
            shape, model, threads, prompt, output, streams, runs, part, results,
        };
        command.SetAction(async (parsed, ct) =>
        {
            var figures = new List<Figure>();
            if (parsed.GetValue(part) != "actors") figures.AddRange(await SingleStream.Measure(parsed.GetValue(shape)!, parsed.GetValue(threads), parsed.GetValue(prompt), parsed.GetValue(output), parsed.GetValue(runs), ct));
            if (parsed.GetValue(part) != "stream") figures.AddRange(await ActorCost.Measure(parsed.GetValue(model)!, parsed.GetValue(threads), parsed.GetValue(streams), parsed.GetValue(runs), ct));
            var table = new Table().AddColumns("figure", "value", "unit");
            foreach (var figure in figures)
                table.AddRow(figure.Name, figure.Value.ToString("0.###"), figure.Unit);
            AnsiConsole.Write(table);
            if (parsed.GetValue(results) is { } folder)
                AnsiConsole.MarkupLineInterpolated($"Written to {ResultFile.Write(folder, "engine", figures)}");
            return 0;
        });
        return command;
    }
}
