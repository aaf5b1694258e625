using Splitwiser.Gpu.Phases;

namespace Splitwiser.Bench.Phases;

/// <summary>The adaptive mode at one of its targets beside the best fixed mode that keeps what it kept.</summary>
/// <param name="BoundMs">The target, or its own median where it missed that.</param>
/// <param name="Ratio">Its prefill rate over the best fixed mode's; below 1 is behind.</param>
internal sealed record AdaptiveGap(string Setting, double BoundMs, string BestFixed, double Ratio)
{
    public static IReadOnlyList<AdaptiveGap> Of(IReadOnlyList<(Sharing Sharing, PhaseResult Result)> results)
    {
        List<AdaptiveGap> gaps = [];
        foreach (var (sharing, adaptive) in results.Where(result => result.Sharing.Mode == PhaseMode.Adaptive))
        {
            var bound = Math.Max(sharing.Amount ?? 0, adaptive.StepP50Ms);
            var rival = results.Where(other => other.Sharing.Mode != PhaseMode.Adaptive && other.Result.StepP50Ms <= bound).Select(other => other.Result).MaxBy(result => result.PrefillTokensPerSecond);
            if (rival is not null) gaps.Add(new AdaptiveGap(adaptive.Setting, bound, rival.Name, adaptive.PrefillTokensPerSecond / rival.PrefillTokensPerSecond));
        }

        return gaps;
    }
}
