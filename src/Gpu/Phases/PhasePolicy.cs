using System.Collections.Immutable;
using System.Numerics;
using Splitwiser.Gpu.Kv;

namespace Splitwiser.Gpu.Phases;

/// <summary>
/// The adaptive mode while both phases have work: of the mechanisms that the device has, the one that prefills most tokens per second
/// while the time between two tokens of a sequence stays within the target; if none keeps it, the one that comes closest.
/// With a decode step of d seconds, a prompt token of p seconds (m in a mixed step) and a slice of c tokens:
/// turns take d + c*p between tokens and prefill c/(d + c*p) per second, mixed steps the same with m for p; where both lanes run at once,
/// plainly or each on its part of a split, it is d and p times their slow-downs. Of the splits that keep the target, the one with the
/// smallest part for decode prefills most.
/// Side by side a prompt's second token waits for the host to read the first, then for the decode steps that are under way: that many steps are
/// a gap too, where a prompt goes on after its first token. And prompts that fit in one step are left to the mechanisms of one lane, if one of those
/// keeps the target: there is too little to gain.
/// Small slices pay a decode step each. So when so many prompts wait that the last would wait too long, the target is stretched eightfold until the queue is nearly empty (docs/design/0007-backlog.md).
/// </summary>
internal static class PhasePolicy
{
    /// <summary>Smaller slices are all overhead.</summary>
    public const int SmallestSlice = PageId.Size;

    /// <summary>How much better another mechanism must be before the device changes over at once.</summary>
    private const double Worthwhile = 1.1;

    /// <summary>And how much better when it has been so for that many decisions on end: measurements scatter.</summary>
    private const double Persistent = 1.01;

    private const int Patience = 64;

    /// <summary>What runs may miss the target by this factor before something else takes over that keeps it.</summary>
    private const double Tolerance = 1.03;

    /// <summary>What is forecast to miss it by no more keeps it: a step's time is not known better.</summary>
    private const double Slack = 1.01;

    /// <summary>What is left of a backlog, in targets between tokens, when it is none any more.</summary>
    private const double BacklogEnds = 1;

    /// <summary>How many times the target a gap may take while there is a backlog.</summary>
    private const double Stretch = 8;

    /// <param name="available">At least one; those of one lane come first.</param>
    /// <param name="current">What runs now.</param>
    /// <param name="costs">Measured; without the two of either phase alone there is nothing to compare, and turns measure both.</param>
    /// <param name="tokenBudget">Most prompt positions of a step.</param>
    /// <param name="backlog">What prompts there are.</param>
    public static PhaseChoice Choose(ImmutableArray<Mechanism> available, PhaseChoice current, PhaseCosts costs, PhaseTargets targets, int tokenBudget, PromptBacklog backlog)
    {
        if (costs is not { DecodeStep: { } decode, PrefillToken: { } prefill })
        {
            var turns = new Mechanism(PhaseSharing.Turns);
            return new PhaseChoice(available.Contains(turns) ? turns : available[0], Math.Min(SmallestSlice, tokenBudget));
        }

        var given = new Given(costs, decode, prefill, tokenBudget, backlog.StepsToSecond);
        var all = available.AsSpan();
        var candidates = backlog.Positions < (current.Mechanism.IsSideBySide ? tokenBudget / 2 : tokenBudget) ? OneLane(all, given, targets.TokenGap) : all;
        var best = Best(candidates, given, targets.TokenGap);
        var wait = backlog.BeforeLast / best.Rate;
        if (wait > (current.Hurries ? BacklogEnds * targets.TokenGap : targets.Backlog)) return Hurried(all, current, given, targets);
        return Settle(best, Standing(candidates, current.Mechanism, given, targets.TokenGap), current, targets.TokenGap);
    }

    /// <summary>At equal rates a mixed step reads the weights once for both, so that stands until something is clearly better.</summary>
    private static PhaseChoice Hurried(ReadOnlySpan<Mechanism> available, PhaseChoice current, in Given given, PhaseTargets targets)
    {
        var (target, mixed) = (Stretch * targets.TokenGap, new Mechanism(PhaseSharing.Mixed));
        var best = Best(available, given, target);
        var standing = Standing(available, available.Contains(mixed) ? mixed : current.Mechanism, given, target);
        return (standing is { } stays && stays.Gain(best, target) <= Worthwhile ? stays : best).Choice with { Hurries = true };
    }

    private static PhaseChoice Settle(in Forecast best, Forecast? standing, PhaseChoice current, double target)
    {
        if (standing is not { } stays || best.Choice.Mechanism == stays.Choice.Mechanism) return best.Choice;
        var gain = stays.Gain(best, target);
        if (gain > Worthwhile) return best.Choice;
        if (gain <= Persistent) return stays.Choice;
        var ahead = current.Challenger == best.Choice.Mechanism ? current.Ahead + 1 : 1;
        return ahead >= Patience ? best.Choice : stays.Choice with { Challenger = best.Choice.Mechanism, Ahead = ahead };
    }

    /// <summary>The mechanisms of one lane, if one of them keeps the target; else all.</summary>
    private static ReadOnlySpan<Mechanism> OneLane(ReadOnlySpan<Mechanism> available, in Given given, double target)
    {
        var count = 0;
        while (count < available.Length && !available[count].IsSideBySide) count++;
        return count > 0 && Best(available[..count], given, target).Keeps(target) ? available[..count] : available;
    }

    private static Forecast? Standing(ReadOnlySpan<Mechanism> available, Mechanism mechanism, in Given given, double target) =>
        available.IndexOf(mechanism) is >= 0 and var at ? given.Forecast(mechanism, at, target) : null;

    private static Forecast Best(ReadOnlySpan<Mechanism> available, in Given given, double target)
    {
        var best = given.Forecast(available[0], 0, target);
        for (var i = 1; i < available.Length; i++)
            if (given.Forecast(available[i], i, target) is var next && next.IsBetterThan(best, target)) best = next;
        return best;
    }

    /// <summary>The state that a decision is made from.</summary>
    private readonly record struct Given(PhaseCosts Costs, double Decode, double Prefill, int TokenBudget, int StepsToSecond)
    {
        public Forecast Forecast(Mechanism mechanism, int at, double target)
        {
            if (!mechanism.IsSideBySide) return Slices(mechanism, target);
            var beside = Costs.Beside.Span[at];
            return new Forecast(new PhaseChoice(mechanism, TokenBudget), Decode * beside.Decode * StepsToSecond, 1 / (Prefill * beside.Prefill));
        }

        /// <summary>A token's cost depends on how many there are in the step: slices are halved until they fit.</summary>
        private Forecast Slices(Mechanism mechanism, double target)
        {
            for (var size = (int)BitOperations.RoundUpToPowerOf2((uint)TokenBudget); ; size /= 2)
            {
                var token = mechanism.Sharing == PhaseSharing.Mixed ? Costs.MixedTokenOf(size) : Costs.SliceToken(size);
                var slices = Sliced(mechanism, token, target, Math.Min(size, TokenBudget));
                if (slices.Choice.PrefillTokens > size / 2 || size <= SmallestSlice) return slices;
            }
        }

        /// <summary>The longest slice that keeps the target, in whole pages.</summary>
        private Forecast Sliced(Mechanism mechanism, double token, double target, int most)
        {
            var smallest = Math.Min(SmallestSlice, most);
            var fitting = (target - Decode) / token;
            var tokens = fitting >= most ? most : Math.Max(smallest, (int)Math.Max(0, fitting) / PageId.Size * PageId.Size);
            var gap = Decode + tokens * token;
            if (tokens <= fitting) gap = Math.Min(gap, target);     // rounding must not make it miss
            return new Forecast(new PhaseChoice(mechanism, tokens), gap, tokens / gap);
        }
    }

    /// <param name="Gap">Seconds between two tokens of a sequence.</param>
    /// <param name="Rate">Prompt tokens per second.</param>
    private readonly record struct Forecast(PhaseChoice Choice, double Gap, double Rate)
    {
        public bool Keeps(double target) => Gap <= Slack * target;

        public bool IsBetterThan(in Forecast other, double target)
        {
            var keeps = Keeps(target);
            return keeps != other.Keeps(target) ? keeps : keeps ? Rate > other.Rate : Gap < other.Gap;
        }

        /// <summary>How many times better another does than this, which runs now.</summary>
        public double Gain(in Forecast other, double target)
        {
            if (other.Keeps(target)) return Gap <= Tolerance * target ? other.Rate / Rate : double.PositiveInfinity;
            return Gap / other.Gap;
        }
    }
}
