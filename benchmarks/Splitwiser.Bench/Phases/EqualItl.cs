namespace Splitwiser.Bench.Phases;

/// <summary>The modes at one bound of the time between tokens: each with the setting that prefills most while the median keeps within it.</summary>
internal sealed record EqualItl(double BoundMs, IReadOnlyList<PhaseResult> Best)
{
    public static EqualItl At(double boundMs, IEnumerable<PhaseResult> results) => new(boundMs,
        [.. results.Where(result => result.StepP50Ms <= boundMs).GroupBy(result => result.Mode).Select(mode => mode.MaxBy(result => result.PrefillTokensPerSecond)!).OrderByDescending(result => result.PrefillTokensPerSecond)]);

    /// <summary>How many times the rate of the best of the other modes named a mode reaches; null where either has no setting within the bound.</summary>
    public double? Against(string mode, params string[] others)
    {
        var mine = Best.FirstOrDefault(result => result.Mode == mode);
        var rival = Best.Where(result => others.Contains(result.Mode)).MaxBy(result => result.PrefillTokensPerSecond);
        return mine is null || rival is null || rival.PrefillTokensPerSecond == 0 ? null : mine.PrefillTokensPerSecond / rival.PrefillTokensPerSecond;
    }
}
