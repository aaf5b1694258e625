using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Splitwiser.Models;

namespace Splitwiser.Bench;

/// <summary><c>overload</c>: a silo at the rate that it can do and at a multiple of it: when admitted requests get their first token, and how fast the rest is refused.</summary>
internal static class OverloadCommand
{
    private const int MostWarmUps = 10;
    private const double Settled = 1.03;    // a rate that grew by less has settled

    private static readonly Option<string> Model = new("--model") { Description = "Model folder.", DefaultValueFactory = _ => Shapes.DemoModel };
    private static readonly Option<string> Silo = new("--silo") { Description = "Splitwiser.Silo.dll.", DefaultValueFactory = _ => Path.Combine(AppContext.BaseDirectory, "..", "..", "Splitwiser.Silo", "release", "Splitwiser.Silo.dll") };
    private static readonly Option<string[]> With = new("--with") { Description = "Options of the silo, each as one word: --with queue-limit=64.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };
    private static readonly Option<int> Prompt = new("--prompt") { Description = "Most prompt tokens; a quarter of it at least.", DefaultValueFactory = _ => 64 };
    private static readonly Option<int> Output = new("--output") { Description = "Most output tokens; a quarter of it at least.", DefaultValueFactory = _ => 64 };
    private static readonly Option<int> Clients = new("--clients") { Description = "Clients that find the rate, each with one request at a time.", DefaultValueFactory = _ => 64 };
    private static readonly Option<double> Seconds = new("--seconds") { Description = "How long each load lasts.", DefaultValueFactory = _ => 20 };
    private static readonly Option<double[]> Loads = new("--loads") { Description = "Multiples of the rate that was found.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [1, 10] };
    private static readonly Option<int> Runs = new("--runs") { Description = "Runs of everything; medians are reported.", DefaultValueFactory = _ => 3 };
    private static readonly Option<string?> Results = new("--results") { Description = "Folder for the JSON file; none writes no file." };

    public static Command Create()
    {
        var command = new Command("overload", "Open-loop load over HTTP at the rate that a silo can do and at a multiple of it.") { Model, Silo, With, Prompt, Output, Clients, Seconds, Loads, Runs, Results };
        command.SetAction(Run);
        return command;
    }

    private static async Task<int> Run(ParseResult parsed, CancellationToken ct)
    {
        var vocabulary = ModelFolder.Open(parsed.GetValue(Model)!).Config.VocabularySize;
        var loads = parsed.GetValue(Loads)!;
        var random = new Random(1);
        TimedRequest Next() => TimedRequest.Draw(random, vocabulary, parsed.GetValue(Prompt), parsed.GetValue(Output));
        await using var silo = await SiloProcess.Start(parsed.GetValue(Silo)!, ["--model", parsed.GetValue(Model)!, .. parsed.GetValue(With)!.Select(option => $"--{option}")], new Dictionary<string, string>(), log: null, ct);
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 4096, UseCookies = false, UseProxy = false, ActivityHeadersPropagator = null }) { BaseAddress = silo.Address, Timeout = Timeout.InfiniteTimeSpan };
        var duration = TimeSpan.FromSeconds(parsed.GetValue(Seconds));
        await WarmUp(() => LoadRun.Closed(http, Next, parsed.GetValue(Clients), duration, ct));

        List<double> rates = [];
        var runs = loads.ToDictionary(load => load, _ => new List<LoadRun>());
        for (var run = 0; run < parsed.GetValue(Runs); run++)
        {
            rates.Add((await LoadRun.Closed(http, Next, parsed.GetValue(Clients), duration, ct)).RequestsPerSecond);
            AnsiConsole.WriteLine($"run {run + 1}: {rates[^1]:0.0} requests/s");
            foreach (var load in loads)
            {
                var (siloBefore, clientsBefore) = (silo.ProcessorSeconds, Environment.CpuUsage.TotalTime.TotalSeconds);
                var seen = await LoadRun.Open(http, Next, load * rates[^1], duration, random, ct);
                seen = seen with { Cost = (silo.ProcessorSeconds - siloBefore, Environment.CpuUsage.TotalTime.TotalSeconds - clientsBefore) };
                runs[load].Add(seen);
                AnsiConsole.WriteLine(
                    $"  {load:0.##}x: {seen.Answers.Count} sent, {seen.Firsts.Length} served at {seen.TokensPerSecond:0} tok/s, first token p50 {Milliseconds(seen.Firsts, 0.5):0} p99 {Milliseconds(seen.Firsts, 0.99):0} ms, " +
                    $"{seen.Refusals.Length} refused, p50 {Milliseconds(seen.Refusals, 0.5):0.0} p99 {Milliseconds(seen.Refusals, 0.99):0.0} ms; processor time {seen.Cost.Silo:0.0} s of the silo, {seen.Cost.Clients:0.0} s of the clients");
            }
        }

        List<Figure> figures = [new("rate that the silo can do", Median.Of(rates), "requests/s")];
        foreach (var load in loads) figures.AddRange(Figures(load, runs[load]));
        foreach (var load in loads[1..])
            figures.Add(new($"first token p99 at {load:0.##}x as a multiple of {loads[0]:0.##}x", Median.Of(runs[load].Zip(runs[loads[0]], (more, less) => Milliseconds(more.Firsts, 0.99) / Milliseconds(less.Firsts, 0.99))), "x"));
        figures.Add(new("pages leased after all", await Leased(http, ct), "pages"));
        FigureTable.Report("overload", figures, "0.##", parsed.GetValue(Results));
        return 0;
    }

    /// <summary>Until code is compiled and costs are learned: the rate no longer grows.</summary>
    private static async Task WarmUp(Func<Task<LoadRun>> load)
    {
        for (var (last, run) = (0.0, 0); run < MostWarmUps; run++)
        {
            var rate = (await load()).RequestsPerSecond;
            AnsiConsole.WriteLine($"warm-up: {rate:0.0} requests/s");
            if (rate < Settled * last) return;
            last = rate;
        }
    }

    private static IEnumerable<Figure> Figures(double load, IReadOnlyList<LoadRun> runs)
    {
        Figure Of(string name, Func<LoadRun, double> value, string unit) => new($"{load:0.##}x: {name}", Median.Of(runs.Select(value)), unit);
        yield return Of("sent", run => run.Answers.Count, "requests");
        yield return Of("served, each to its last token", run => run.Firsts.Length, "requests");
        yield return Of("refused with a 429", run => run.Refusals.Length, "requests");
        yield return Of("output", run => run.TokensPerSecond, "tok/s");
        yield return Of("first token of those served, p50", run => Milliseconds(run.Firsts, 0.5), "ms");
        yield return Of("first token of those served, p99", run => Milliseconds(run.Firsts, 0.99), "ms");
        yield return Of("processor time of the silo", run => run.Cost.Silo, "s");
        yield return Of("processor time of the clients", run => run.Cost.Clients, "s");
        yield return Of("refusal, p50", run => Milliseconds(run.Refusals, 0.5), "ms");
        yield return Of("refusal, p99", run => Milliseconds(run.Refusals, 0.99), "ms");
    }

    private static double Milliseconds(double[] sorted, double share) => 1000 * LoadRun.Percentile(sorted, share);

    private static async Task<double> Leased(HttpClient http, CancellationToken ct)
    {
        await Task.Delay(TimeSpan.FromSeconds(1), ct);  // the last answer's pages go back behind it
        var metrics = await http.GetStringAsync("metrics", ct);
        return metrics.Split('\n').Where(line => line.StartsWith("splitwiser_pages_leased", StringComparison.Ordinal)).Sum(line => double.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture));
    }
}
