namespace Splitwiser.Bench.Conversations;

/// <summary>One answered turn.</summary>
/// <param name="Cached">Prompt tokens found in the cache.</param>
/// <param name="Cacheable">Those that a cache of every token computed before anywhere would have had, in full pages.</param>
/// <param name="Computed">Tokens that the device computed.</param>
internal sealed record ConversationTurn(string Device, int Cached, int Cacheable, int Computed, RequestTimings Timings);

/// <summary>What one run came to. Times in milliseconds.</summary>
/// <param name="HitRate">Cached tokens as a share of the cacheable ones.</param>
/// <param name="MeanQueue">Of the time to the first token, the wait for pages.</param>
/// <param name="MeanPrefill">And the prefill.</param>
/// <param name="BusiestDevice">Tokens that the busiest device computed, over the mean of all.</param>
internal sealed record ConversationOutcome(
    double HitRate, double MeanFirstToken, double P50FirstToken, double P99FirstToken, double MeanQueue, double MeanPrefill, double BusiestDevice, double ComputedTokens)
{
    public static ConversationOutcome Of(IReadOnlyList<ConversationTurn> turns, int devices)
    {
        var first = turns.Select(turn => turn.Timings.FirstToken.TotalMilliseconds).Order().ToList();
        var load = turns.GroupBy(turn => turn.Device).Select(device => (double)device.Sum(turn => turn.Computed)).ToList();
        return new(
            (double)turns.Sum(turn => turn.Cached) / Math.Max(1, turns.Sum(turn => turn.Cacheable)),
            first.Average(), first[first.Count / 2], first[(int)Math.Ceiling(0.99 * first.Count) - 1],
            turns.Average(turn => turn.Timings.Queue.TotalMilliseconds), turns.Average(turn => turn.Timings.Prefill.TotalMilliseconds),
            load.Max() / (load.Sum() / devices), load.Sum());
    }

    public override string ToString() =>
        $"{HitRate:P1} of an infinite cache's hits, TTFT mean {MeanFirstToken:0.0} ms (queue {MeanQueue:0.0}, prefill {MeanPrefill:0.0}), p50 {P50FirstToken:0.0}, p99 {P99FirstToken:0.0}, busiest device {BusiestDevice:0.00} of the mean";
}
