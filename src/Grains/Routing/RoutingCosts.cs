namespace Splitwiser.Grains;

/// <summary>
/// What a prompt costs on each device, in seconds: the time to its first token there, what others wait for it, and a charge where more than a
/// fair share was computed lately.
/// </summary>
/// <param name="prompt">What is routed.</param>
/// <param name="fastest">The least of what the devices take for a token of a prompt and for a step: who has not computed yet is as fast.</param>
internal readonly struct RoutingCosts(RoutedPrompt prompt, (double PromptToken, double Step) fastest)
{
    /// <summary>A sequence that a device runs delays a new prompt about as much as so many queued tokens.</summary>
    private const int TokensPerSequence = 8;

    /// <summary>Prompts that come while one is computed, and wait for it.</summary>
    private const double Others = 1;

    /// <summary>A device may have done so much more than the mean of all, lately, and still not be crowded.</summary>
    private const double Fair = 1.1;

    /// <summary>What of the work beyond that a prompt is charged with.</summary>
    private const double Crowding = 0.5;

    /// <summary>What of a prefix's worth a crowded device keeps in any case: moving must not cost more than staying is worth.</summary>
    private const double Kept = 0.5;

    /// <summary>Devices that differ by less are equally fast: what is measured wavers by so much between equal ones.</summary>
    private const double Wavering = 1.5;

    private double FairWork { get; init; }

    public static RoutingCosts Of(DeviceSnapshot snapshot, RoutedPrompt prompt)
    {
        var (promptToken, step) = (double.MaxValue, double.MaxValue);
        foreach (var report in snapshot.Devices)
        {
            if (!prompt.CanGoTo(report)) continue;
            if (report.SecondsPerPromptToken > 0) promptToken = Math.Min(promptToken, report.SecondsPerPromptToken);
            if (report.SecondsPerStep > 0) step = Math.Min(step, report.SecondsPerStep);
        }

        var nobodyKnown = promptToken == double.MaxValue; // a token is the unit then
        var costs = new RoutingCosts(prompt, nobodyKnown ? (1, 0) : (promptToken, step == double.MaxValue ? 0 : step));
        var (work, count) = (0.0, 0);
        foreach (var report in snapshot.Devices)
            if (prompt.CanGoTo(report)) (work, count) = (work + costs.Work(report), count + 1);
        return costs with { FairWork = Fair * work / Math.Max(1, count) };
    }

    public double On(DeviceReport report, RoutingRule rule) => rule switch
    {
        RoutingRule.RoundRobin => 0,
        RoutingRule.LeastLoaded => PromptToken(report) * Load(report),
        _ => OfPrompt(report, prompt.UncachedOn(report)),
    };

    private double OfPrompt(DeviceReport report, int uncached) => FirstToken(report, uncached) + Burden(report, uncached) + Crowd(report, uncached);

    /// <summary>To the prompt's first token: what is queued before it, what of it is not cached, and a share for each sequence there.</summary>
    internal double FirstToken(DeviceReport report, int uncached) =>
        (PromptToken(report) * (Load(report) + uncached)) + (report.Running > 0 ? Pace(report.SecondsPerStep, fastest.Step) : 0);

    /// <summary>
    /// That others wait for what is computed for this prompt. Without it one that left its cache for an idle device keeps that device's own
    /// prompts away from theirs, and those the next.
    /// </summary>
    private double Burden(DeviceReport report, int uncached) => Others * PromptToken(report) * uncached;

    /// <summary>
    /// For more than a fair share of work. Without it whoever had most conversations when they began keeps them all: their caches are there, and
    /// a queue that is long enough to drive one away seldom meets it.
    /// </summary>
    private double Crowd(DeviceReport report, int uncached) => Math.Min(
        Crowding * Math.Max(0, Work(report) - FairWork),
        (1 + Others) * (1 - Kept) * PromptToken(report) * (prompt.Tokens - uncached));

    /// <summary>What a device has done lately or has queued.</summary>
    private double Work(DeviceReport report) => PromptToken(report) * (report.RecentTokens + report.QueuedTokens);

    private double PromptToken(DeviceReport report) => Pace(report.SecondsPerPromptToken, fastest.PromptToken);

    /// <summary>In tokens.</summary>
    private static long Load(DeviceReport report) => report.QueuedTokens + ((long)TokensPerSequence * (report.Waiting + report.Running));

    private static double Pace(double measured, double fastest) => measured > Wavering * fastest ? measured : fastest;
}
