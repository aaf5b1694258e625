using Splitwiser.Gpu.Phases;

namespace Splitwiser.Grains;

/// <summary>How fast a device has been lately: a moving mean over its heartbeats, so that one slow step doesn't turn the routing.</summary>
/// <param name="PromptToken">Seconds for a token of a prompt; 0 before the first.</param>
/// <param name="Step">Seconds from a token of an answer to its next; 0 before the first.</param>
internal readonly record struct DevicePace(double PromptToken, double Step)
{
    /// <summary>What the news count for, of a heartbeat with many steps.</summary>
    private const double Weight = 0.2;

    /// <summary>A heartbeat with fewer prompt tokens, or steps, counts for less.</summary>
    private const int EnoughTokens = 512;

    private const int EnoughSteps = 8;

    /// <summary>The pace after what the device did between two readings.</summary>
    public DevicePace After(DeviceWork before, DeviceWork now) => new(
        Mean(PromptToken, now.PromptSeconds - before.PromptSeconds, now.PromptTokens - before.PromptTokens, EnoughTokens),
        Mean(Step, now.AnswerSeconds - before.AnswerSeconds, now.AnswerSteps - before.AnswerSteps, EnoughSteps));

    private static double Mean(double mean, double seconds, long count, int enough)
    {
        if (count <= 0) return mean;
        var news = seconds / count;
        return mean == 0 ? news : mean + (Weight * Math.Min(1.0, (double)count / enough) * (news - mean));
    }
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
