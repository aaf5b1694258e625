using System.CommandLine;

namespace Splitwiser.Bench;

/// <summary><c>grammar</c>: what constrained output costs: compiling, the mask of a state seen for the first time and again, the time between tokens.</summary>
internal static class GrammarCommand
{
    private static readonly Option<string> Tokenizer = new("--tokenizer") { Description = "A tokenizer.json; a large vocabulary shows most.", DefaultValueFactory = _ => Path.Combine(Shapes.DemoModel, "tokenizer.json") };
    private static readonly Option<string> Model = new("--model") { Description = "Model folder for the time between tokens.", DefaultValueFactory = _ => Shapes.DemoModel };
    private static readonly Option<int> Runs = new("--runs") { Description = "Runs of everything; medians are reported.", DefaultValueFactory = _ => 5 };
    private static readonly Option<string?> Results = new("--results") { Description = "Folder for the JSON file; none writes no file." };

    public static Command Create()
    {
        var command = new Command("grammar", "Constrained output: compile times, mask times and the time between tokens beside free output.") { Tokenizer, Model, Runs, Results };
        command.SetAction(Run);
        return command;
    }

    private static async Task<int> Run(ParseResult parsed, CancellationToken ct)
    {
        var figures = new List<Figure>(MaskTimes.Measure(parsed.GetValue(Tokenizer)!, parsed.GetValue(Runs)));
        figures.AddRange(await GrammarTokenTimes.Measure(parsed.GetValue(Model)!, parsed.GetValue(Runs), ct));
        FigureTable.Report("grammar", figures, "0.###", parsed.GetValue(Results));
        return 0;
    }
}
