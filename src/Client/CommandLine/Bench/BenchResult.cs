namespace Splitwiser.Client.CommandLine.Bench;

/// <summary>What a benchmark found.</summary>
internal sealed record BenchResult(BenchPlan Plan, IReadOnlyList<BenchAnswer> Answers, TimeSpan Duration, int MostUnderWay)
{
    private double Seconds => Math.Max(Duration.TotalSeconds, double.Epsilon);

    private IEnumerable<BenchAnswer> Good => Answers.Where(answer => answer.Failure is null);

    public int Completed => Good.Count();

    /// <summary>Failed requests by reason, the most frequent first, with the words of the first of each.</summary>
    public IReadOnlyList<(string Reason, int Count, string Message)> Failures =>
    [
        .. Answers.Where(answer => answer.Failure is not null)
            .GroupBy(answer => answer.Failure!)
            .OrderByDescending(same => same.Count())
            .Select(same => (same.Key, same.Count(), same.First().FailureMessage ?? "")),
    ];

    public long InputTokens => Good.Sum(answer => (long)answer.InputTokens);

    public long CachedTokens => Good.Sum(answer => (long)answer.CachedTokens);

    public long OutputTokens => Good.Sum(answer => (long)answer.OutputTokens);

    public double RequestsPerSecond => Completed / Seconds;

    public double OutputPerSecond => OutputTokens / Seconds;

    public double TokensPerSecond => (InputTokens + OutputTokens) / Seconds;

    /// <summary>Requests a second that kept the limits; null without limits.</summary>
    public double? GoodPerSecond => Plan.Goodput is { } limits ? Answers.Count(limits.Holds) / Seconds : null;

    /// <summary>Name in results, name for people.</summary>
    public IEnumerable<(string Key, string Title, Spread? Times)> Latencies =>
    [
        ("ttft", "first token", Spread.Of(Good.Select(answer => answer.FirstToken))),
        ("tpot", "per output token", Spread.Of(Good.Where(answer => answer.PerToken is not null).Select(answer => answer.PerToken!.Value))),
        ("itl", "between tokens", Spread.Of(Good.SelectMany(answer => answer.Gaps))),
        ("e2el", "end to end", Spread.Of(Good.Select(answer => answer.Total))),
    ];
}
