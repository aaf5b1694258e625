using System.Globalization;
using Spectre.Console;

namespace Splitwiser.Client.CommandLine.Bench;

/// <summary>A benchmark's result for people.</summary>
internal sealed class BenchReport(IAnsiConsole screen)
{
    public void Write(BenchResult result)
    {
        var facts = new Table().Border(TableBorder.None).HideHeaders().AddColumn("what").AddColumn(new TableColumn("value").RightAligned());
        Fact("completed", Count(result.Completed));
        foreach (var (reason, count, message) in result.Failures)
            facts.AddRow(new Text($"failed: {reason}", new Style(Color.Red)), new Text($"{count}  {message}"));
        Fact("duration", $"{Number(result.Duration.TotalSeconds)} s");
        Fact("most under way at a time", Count(result.MostUnderWay));
        Fact("input tokens", $"{Count(result.InputTokens)} ({Count(result.CachedTokens)} cached)");
        Fact("output tokens", Count(result.OutputTokens));
        Fact("requests per second", Number(result.RequestsPerSecond));
        if (result.GoodPerSecond is { } good)
            Fact("requests per second that kept the limits", Number(good));
        Fact("output tokens per second", Number(result.OutputPerSecond));
        Fact("input and output tokens per second", Number(result.TokensPerSecond));
        screen.Write(facts);
        if (result.Completed > 0)
            screen.Write(Latencies(result));

        void Fact(string what, string value) => facts.AddRow(new Text(what), new Text(value));
    }

    private static Table Latencies(BenchResult result)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn("ms").NoWrap());
        foreach (var heading in new[] { "mean", "median", "p90", "p99", "max" })
            table.AddColumn(new TableColumn(heading).RightAligned().NoWrap());
        foreach (var (key, title, times) in result.Latencies)
        {
            if (times is not null)
                table.AddRow([$"{title} ({key.ToUpperInvariant()})", .. new[] { times.Mean, times.Median, times.P90, times.P99, times.Max }.Select(Milliseconds)]);
        }

        return table;
    }

    /// <summary>Short enough for five of them in 80 columns.</summary>
    private static string Milliseconds(double value) => value.ToString(value < 100 ? "F2" : "N0", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("N2", CultureInfo.InvariantCulture);

    private static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
