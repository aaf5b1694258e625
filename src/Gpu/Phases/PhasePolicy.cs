using System.Collections.Immutable;
using Splitwiser.Gpu.Kv;

namespace Splitwiser.Gpu.Phases;

/// <summary>
/// The adaptive mode while both phases have work: of the mechanisms that the device has, the one that prefills most tokens per second
/// while the time between two tokens of a sequence stays within the target; if none keeps it, the one that comes closest.
/// With a decode step of d seconds, a prompt token of p seconds (m in a mixed step) and a slice of c tokens:
/// turns take d + c*p between tokens and prefill c/(d + c*p) per second, mixed steps the same with m for p; side by side takes
/// d and p times their measured slow-downs.
/// Small slices pay a decode step each. So when so many prompts wait that the last would wait for twenty targets, the target is
/// stretched eightfold until the queue is nearly empty (docs/design/0007-backlog.md).
/// </summary>
internal static class PhasePolicy
{
    /// <summary>Smaller slices are all overhead.</summary>
    public const int SmallestSlice = PageId.Size;

    /// <summary>How much better another mechanism must be before the device changes over.</summary>
    private const double Worthwhile = 1.1;

    /// <summary>Unmeasured mechanisms are thought a little better than turns, so that they get tried.</summary>
    private const double Optimism = 0.9;

    /// <summary>A backlog: prompts that take this many targets to compute while the target is kept; and what is left of it when it is none any more.</summary>
    private const double BacklogBegins = 20, BacklogEnds = 1;

    /// <summary>How many times the target a gap may take while there is a backlog.</summary>
    private const double Stretch = 8;

    /// <param name="available">At least one.</param>
    /// <param name="current">What runs now.</param>
    /// <param name="costs">Measured; without the two of either phase alone there is nothing to compare, and turns measure both.</param>
    /// <param name="target">Seconds between two tokens of a sequence.</param>
    /// <param name="tokenBudget">Most prompt positions of a step.</param>
    /// <param name="waiting">Prompt positions that are not computed yet.</param>
    public static PhaseChoice Choose(ImmutableArray<PhaseSharing> available, PhaseChoice current, PhaseCosts costs, double target, int tokenBudget, long waiting)
    {
        if (costs is not { DecodeStep: { } decode, PrefillToken: { } prefill })
            return new PhaseChoice(available.Contains(PhaseSharing.Turns) ? PhaseSharing.Turns : available[0], Math.Min(SmallestSlice, tokenBudget));

        var gentle = Best(available, current.Sharing, costs, decode, prefill, target, tokenBudget);
        var backlog = waiting / gentle.Rate / target;       // in targets
        if (backlog <= (current.Hurries ? BacklogEnds : BacklogBegins)) return gentle.Choice;
        var standing = available.Contains(PhaseSharing.Mixed) ? PhaseSharing.Mixed : current.Sharing;       // at equal rates it reads the weights once for both
        return Best(available, standing, costs, decode, prefill, Stretch * target, tokenBudget).Choice with { Hurries = true };
    }

    private static Forecast Best(
        ImmutableArray<PhaseSharing> available, PhaseSharing current, in PhaseCosts costs, double decode, double prefill, double target, int tokenBudget)
    {
        var smallest = Math.Min(SmallestSlice, tokenBudget);
        Forecast? best = null;
        foreach (var sharing in available)
        {
            var forecast = sharing switch
            {
                PhaseSharing.Turns => Sliced(sharing, decode, prefill, target, smallest, tokenBudget),
                PhaseSharing.Mixed => Sliced(sharing, decode, costs.MixedToken ?? prefill * Optimism, target, smallest, tokenBudget),
                _ => new Forecast(
                    new PhaseChoice(sharing, tokenBudget), decode * (costs.DecodeSlowdown ?? 1), 1 / (prefill * (costs.PrefillSlowdown ?? 1))),
            };
            if (best is null || forecast.IsBetterThan(best.Value, target, current)) best = forecast;
        }

        return best!.Value;
    }

    /// <summary>The longest slice that keeps the target, in whole pages.</summary>
    private static Forecast Sliced(PhaseSharing sharing, double decode, double token, double target, int smallest, int tokenBudget)
    {
        var fitting = (target - decode) / token;
        var tokens = fitting >= tokenBudget ? tokenBudget : Math.Max(smallest, (int)Math.Max(0, fitting) / PageId.Size * PageId.Size);
        var gap = decode + tokens * token;
        if (tokens <= fitting) gap = Math.Min(gap, target);     // rounding must not make it miss
        return new Forecast(new PhaseChoice(sharing, tokens), gap, tokens / gap);
    }

    /// <param name="Gap">Seconds between two tokens of a sequence.</param>
    /// <param name="Rate">Prompt tokens per second.</param>
    private readonly record struct Forecast(PhaseChoice Choice, double Gap, double Rate)
    {
        public bool IsBetterThan(Forecast other, double target, PhaseSharing current)
        {
            var keeps = Gap <= target;
            if (keeps != other.Gap <= target) return keeps;
            var gain = keeps ? Rate / other.Rate : other.Gap / Gap;
            return gain > (other.Choice.Sharing == current ? Worthwhile : Choice.Sharing == current ? 1 / Worthwhile : 1);
        }
    }
}

/// <summary>Measured costs; null for what was not measured lately.</summary>
/// <param name="DecodeStep">Seconds of a decode step of the present size that has the device for itself.</param>
/// <param name="PrefillToken">Seconds per prompt token of a step that has the device for itself.</param>
/// <param name="MixedToken">Seconds that a prompt token adds to a mixed step.</param>
/// <param name="DecodeSlowdown">How many times longer a decode step takes beside the prefill lane.</param>
/// <param name="PrefillSlowdown">How many times longer prefill takes beside the decode lane.</param>
internal readonly record struct PhaseCosts(
    double? DecodeStep, double? PrefillToken, double? MixedToken = null, double? DecodeSlowdown = null, double? PrefillSlowdown = null);
