using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Splitwiser.Gpu.Kv;

namespace Splitwiser.Grains;

/// <summary>
/// Which device a prompt goes to: by default the one where its first token is nearest in time, by what is queued and running there, what of
/// the prompt is cached, and how fast the device has been. Pure.
/// </summary>
public static class RoutingPolicy
{
    /// <summary>A sequence that a device runs delays a new prompt about as much as so many queued tokens.</summary>
    private const int TokensPerSequence = 8;

    /// <summary>A device may have done so much more than the mean of all, lately, and still not be crowded.</summary>
    private const double Fair = 1.1;

    /// <summary>What of the work beyond that a prompt is charged with.</summary>
    private const double Crowding = 0.25;

    /// <summary>What of a prefix's worth a crowded device keeps in any case: moving must not cost more than staying is worth.</summary>
    private const double Kept = 0.5;

    /// <summary>Devices that differ by less are equally fast: what is measured wavers by so much between equal ones.</summary>
    private const double Wavering = 1.5;

    /// <summary>A silo that is silent for so long is avoided while another one is there: four heartbeats are missing.</summary>
    private static readonly TimeSpan Suspect = TimeSpan.FromSeconds(1);

    /// <summary>False when no open device of the model is left that the request has not tried.</summary>
    public static bool TryPick(DeviceSnapshot snapshot, RoutedPrompt prompt, [NotNullWhen(true)] out string? device, RoutingRule rule = RoutingRule.KvAware)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentNullException.ThrowIfNull(prompt);
        device = null;
        var field = FieldOf(snapshot, prompt);
        var best = (Tier: int.MaxValue, Cost: double.MaxValue);
        for (var i = 0; i < snapshot.Devices.Length; i++)
        {
            var report = snapshot.Devices[(int)((prompt.Draw + (uint)i) % (uint)snapshot.Devices.Length)];
            if (!CanServe(report, prompt))
                continue;
            var rank = (Tier(report, prompt), Cost(report, prompt, rule, field));
            if (rank.CompareTo(best) < 0)
                (best, device) = (rank, report.Device);
        }

        return device is not null;
    }

    /// <summary>Predicted seconds to the prompt's first token on a device: what is queued before it, what of it is not cached, and a share for each sequence there.</summary>
    internal static double FirstToken(DeviceReport report, RoutedPrompt prompt, Field field) =>
        (field.PromptToken(report) * (Load(report) + Uncached(report, prompt))) + (report.Running > 0 ? field.Step(report) : 0);

    /// <summary>The devices that could serve, taken together.</summary>
    internal static Field FieldOf(DeviceSnapshot snapshot, RoutedPrompt prompt)
    {
        var (promptToken, step) = (double.MaxValue, double.MaxValue);
        foreach (var report in snapshot.Devices)
        {
            if (!CanServe(report, prompt)) continue;
            if (report.SecondsPerPromptToken > 0) promptToken = Math.Min(promptToken, report.SecondsPerPromptToken);
            if (report.SecondsPerStep > 0) step = Math.Min(step, report.SecondsPerStep);
        }

        var field = promptToken == double.MaxValue ? new Field(1, 0, 0) : new Field(promptToken, step == double.MaxValue ? 0 : step, 0);
        var (work, count) = (0.0, 0);
        foreach (var report in snapshot.Devices)
            if (CanServe(report, prompt)) (work, count) = (work + field.Work(report), count + 1);
        return field with { MeanWork = work / Math.Max(1, count) };
    }

    /// <summary>
    /// Seconds by which a device is dearer because it did more than its share lately. Without it whoever had most conversations when they began
    /// keeps them all: their caches are there, and a queue that is long enough to drive one away seldom meets it.
    /// </summary>
    private static double Crowd(DeviceReport report, RoutedPrompt prompt, Field field) => Math.Min(
        Crowding * Math.Max(0, field.Work(report) - (Fair * field.MeanWork)),
        field.PromptToken(report) * (1 - Kept) * (prompt.Tokens - Uncached(report, prompt)));

    /// <summary>Tokens of the prompt that the device would have to compute.</summary>
    internal static int Uncached(DeviceReport report, RoutedPrompt prompt)
    {
        var blocks = report.Device == prompt.Beside ? prompt.Blocks.Length : 0;
        while (blocks < prompt.Blocks.Length && report.CachedPrefixes.AsSpan().BinarySearch(prompt.Blocks[blocks]) >= 0)
            blocks++;
        return Math.Max(0, prompt.Tokens - (blocks * PageId.Size));
    }

    /// <summary>First who is in doubt, then who has no room now.</summary>
    private static int Tier(DeviceReport report, RoutedPrompt prompt) =>
        (report.Age > Suspect || prompt.Doubted.Contains(report.Device) || SharesSiloWithTried(report, prompt) ? 2 : 0) + (report.Pages.Free + report.Pages.Cached < prompt.Pages ? 1 : 0);

    private static bool CanServe(DeviceReport report, RoutedPrompt prompt) => report.Open && report.Model == prompt.Model && !prompt.Tried.Contains(report.Device);

    private static double Cost(DeviceReport report, RoutedPrompt prompt, RoutingRule rule, Field field) => rule switch
    {
        RoutingRule.RoundRobin => 0,
        RoutingRule.LeastLoaded => Load(report) * field.PromptToken(report),
        _ => FirstToken(report, prompt, field) + Crowd(report, prompt, field),
    };

    /// <summary>In tokens.</summary>
    private static long Load(DeviceReport report) => report.QueuedTokens + ((long)TokensPerSequence * (report.Waiting + report.Running));

    private static bool SharesSiloWithTried(DeviceReport report, RoutedPrompt prompt)
    {
        foreach (var tried in prompt.Tried)
            if (DeviceKey.SiloOf(tried).SequenceEqual(DeviceKey.SiloOf(report.Device)))
                return true;
        return false;
    }

    /// <summary>What devices are measured by. In seconds; a unit of 1 and 0 while none has computed anything.</summary>
    /// <param name="FastestToken">For a token of a prompt, on the fastest one: who has not computed yet is taken to be as fast.</param>
    /// <param name="FastestStep">The same for a step.</param>
    /// <param name="MeanWork">What one of them has done lately or has queued.</param>
    internal readonly record struct Field(double FastestToken, double FastestStep, double MeanWork)
    {
        public double PromptToken(DeviceReport report) => Of(report.SecondsPerPromptToken, FastestToken);

        public double Step(DeviceReport report) => Of(report.SecondsPerStep, FastestStep);

        public double Work(DeviceReport report) => PromptToken(report) * (report.RecentTokens + report.QueuedTokens);

        private static double Of(double measured, double fastest) => measured > Wavering * fastest ? measured : fastest;
    }
}
