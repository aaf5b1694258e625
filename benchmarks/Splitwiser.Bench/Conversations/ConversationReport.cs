using Spectre.Console;
using Splitwiser.Grains;

namespace Splitwiser.Bench.Conversations;

/// <summary>The runs of all rules: those of one repetition are a pair, so that the machine's drift meets both.</summary>
/// <param name="hardware">The card's name; null for the CPU.</param>
internal sealed class ConversationReport(ConversationShape shape, string? hardware, Dictionary<RoutingRule, List<ConversationOutcome>> outcomes)
{
    private readonly List<Figure> figures =
    [
        .. outcomes.SelectMany(rule => new (string Name, Func<ConversationOutcome, double> Value, string Unit)[]
        {
            ("hits of an infinite cache's", run => 100 * run.HitRate, "%"), ("mean TTFT", run => run.MeanFirstToken, "ms"), ("p50 TTFT", run => run.P50FirstToken, "ms"),
            ("p99 TTFT", run => run.P99FirstToken, "ms"), ("mean queue", run => run.MeanQueue, "ms"), ("mean prefill", run => run.MeanPrefill, "ms"),
            ("busiest device over the mean", run => run.BusiestDevice, "x"),
        }.Select(figure => new Figure($"{rule.Key}, {figure.Name}", Median.Of(rule.Value.Select(figure.Value)), figure.Unit))),
        .. outcomes.Where(rule => rule.Key != RoutingRule.KvAware).Select(rule => new Figure(
            $"mean TTFT of {rule.Key} over KvAware's, median of pairs", Median.Of(rule.Value.Zip(outcomes[RoutingRule.KvAware], (other, kv) => other.MeanFirstToken / kv.MeanFirstToken)), "x")),
    ];

    public Table Table() => FigureTable.Of(figures, "0.##");

    public string Write(string folder) => RecordedRun.Write(folder, $"conversations-at-once-{shape.AtOnce}", new
    {
        Benchmark = "conversations",
        Date = RecordedRun.Today,
        Hardware = hardware ?? ResultFile.Hardware(),
        Commit = ResultFile.Commit(),
        RecordedRun.Command,
        Shape = shape,
        Figures = figures,
        Runs = outcomes.ToDictionary(rule => rule.Key.ToString(), rule => rule.Value),
    });
}
