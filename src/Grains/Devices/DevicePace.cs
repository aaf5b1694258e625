using Splitwiser.Gpu.Phases;

namespace Splitwiser.Grains;

/// <summary>How fast a device has been lately, over so many tokens that one slow step, or steps of few tokens, don't turn the routing.</summary>
internal readonly record struct DevicePace(MovingMean PromptTokens, MovingMean Steps)
{
    /// <summary>What a device computes first is slower: code is compiled, caches are cold.</summary>
    private const int WarmUp = 512;

    private const int EnoughTokens = 512;
    private const int EnoughSteps = 8;

    /// <summary>Seconds for a token of a prompt; 0 as long as too few were seen.</summary>
    public double PromptToken => PromptTokens.Over(EnoughTokens);

    /// <summary>Seconds from a token of an answer to its next; 0 as long as too few were seen.</summary>
    public double Step => Steps.Over(EnoughSteps);

    /// <summary>The pace after what the device did between two readings.</summary>
    public DevicePace After(DeviceWork before, DeviceWork now) => before.PromptTokens < WarmUp
        ? this
        : new(
            PromptTokens.With(now.PromptSeconds - before.PromptSeconds, now.PromptTokens - before.PromptTokens, 5 * EnoughTokens),
            Steps.With(now.AnswerSeconds - before.AnswerSeconds, now.AnswerSteps - before.AnswerSteps, 5 * EnoughSteps));
}

/// <summary>A mean over the latest of many things, each of which counts the same.</summary>
/// <param name="Seconds">That they took.</param>
internal readonly record struct MovingMean(double Seconds, double Count)
{
    /// <param name="most">The mean is over about so many: of what came before, a share is forgotten.</param>
    public MovingMean With(double seconds, long count, int most)
    {
        var (sum, all) = (Seconds + seconds, Count + count);
        var kept = all > most ? most / all : 1;
        return new(sum * kept, all * kept);
    }

    /// <summary>Seconds for each; 0 when there are fewer than so many.</summary>
    public double Over(int enough) => Count < enough ? 0 : Seconds / Count;
}

/// <summary>What a device has done in all. Mixed steps are in both: answers wait for them, and they compute prompts.</summary>
internal readonly record struct DeviceWork(double PromptSeconds, long PromptTokens, double AnswerSeconds, long AnswerSteps, long Tokens)
{
    public static DeviceWork Of(DeviceStatistics statistics)
    {
        var (prefill, decode, mixed) = (statistics.PrefillSteps, statistics.DecodeSteps, statistics.MixedSteps);
        return new((prefill.Time + mixed.Time).TotalSeconds, prefill.Tokens + mixed.Tokens, (decode.Time + mixed.Time).TotalSeconds, decode.Count + mixed.Count, statistics.PrefilledTokens + statistics.GeneratedTokens);
    }
}
