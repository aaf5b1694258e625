namespace Splitwiser.Bench.Serve;

/// <summary>What a load at a rate showed. Times in milliseconds; percentiles over the requests that had a first token, or ended.</summary>
/// <param name="Rate">Requests a second that were sent.</param>
/// <param name="Within">Requests that kept both targets, as a share of all.</param>
/// <param name="Holds">Enough of them did.</param>
/// <param name="StoppedEarly">It was given up when the objective could not hold any more: percentiles are of what had ended by then.</param>
/// <param name="Failed">Requests that did not get all their tokens, those cut off by an early stop left out.</param>
/// <param name="SendLagP99">The client's own lateness, part of the first token's time.</param>
internal sealed record TrialResult(
    double Rate, double Within, bool Holds, bool StoppedEarly, int Requests, int Failed, string? FirstFailure, double Seconds, double OutputTokensPerSecond,
    Spread FirstToken, Spread TokenGap, Spread RequestGapP99, Spread Whole, double SendLagP99)
{
    private const string Cancelled = "cancelled";

    public static TrialResult Of(double rate, Load load, IReadOnlyList<RequestOutcome> outcomes, Slo slo, double seconds, bool stoppedEarly)
    {
        var kept = outcomes.Count(slo.IsKeptBy);
        var (complete, failed) = (outcomes.Where(outcome => outcome.IsComplete).ToArray(), outcomes.Where(outcome => outcome is { IsComplete: false, Failure: not Cancelled }).ToArray());
        return new TrialResult(
            rate, (double)kept / load.Requests.Count, !stoppedEarly && slo.Holds(load.Requests.Count, kept), stoppedEarly, load.Requests.Count, failed.Length, failed.FirstOrDefault()?.Failure, seconds,
            outcomes.Sum(outcome => (double)outcome.Tokens) / seconds,
            Spread.Of(outcomes.Where(outcome => double.IsFinite(outcome.FirstToken)).Select(outcome => outcome.FirstToken * 1e3)),
            Spread.Of(outcomes.SelectMany(outcome => outcome.Gaps).Select(gap => gap * 1e3)),
            Spread.Of(complete.Where(outcome => outcome.Gaps.Length > 0).Select(outcome => outcome.GapP99 * 1e3)),
            Spread.Of(complete.Select(outcome => outcome.End * 1e3)),
            Spread.Of(outcomes.Select(outcome => outcome.Lag * 1e3)).P99);
    }
}

/// <summary>Percentiles; all 0 of nothing.</summary>
internal readonly record struct Spread(double P50, double P90, double P99, double Worst)
{
    public static Spread Of(IEnumerable<double> values)
    {
        var sorted = values.ToArray();
        Array.Sort(sorted);
        return sorted.Length == 0 ? default : new Spread(Percentile.OfSorted(sorted, 0.5), Percentile.OfSorted(sorted, 0.9), Percentile.OfSorted(sorted, 0.99), sorted[^1]);
    }
}
