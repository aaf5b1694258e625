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
        var paces = Paces(snapshot, prompt);
        var best = (Tier: int.MaxValue, Cost: double.MaxValue);
        for (var i = 0; i < snapshot.Devices.Length; i++)
        {
            var report = snapshot.Devices[(int)((prompt.Draw + (uint)i) % (uint)snapshot.Devices.Length)];
            if (!CanServe(report, prompt))
                continue;
            var rank = (Tier(report, prompt), Cost(report, prompt, rule, paces));
            if (rank.CompareTo(best) < 0)
                (best, device) = (rank, report.Device);
        }

        return device is not null;
    }

    /// <summary>Predicted seconds to the prompt's first token on a device: what is queued before it, what of it is not cached, and a share for each sequence there.</summary>
    internal static double FirstToken(DeviceReport report, RoutedPrompt prompt, PaceRange paces) =>
        (paces.PromptTokenOf(report) * (Load(report) + Uncached(report, prompt))) + (report.Running > 0 ? paces.StepOf(report) : 0);

    /// <summary>The pace of the fastest device that could serve: who has not computed yet is taken to be as fast.</summary>
    internal static PaceRange Paces(DeviceSnapshot snapshot, RoutedPrompt prompt)
    {
        var fastest = new PaceRange(double.MaxValue, double.MaxValue);
        foreach (var report in snapshot.Devices)
        {
            if (!CanServe(report, prompt)) continue;
            if (report.SecondsPerPromptToken > 0) fastest = fastest with { PromptToken = Math.Min(fastest.PromptToken, report.SecondsPerPromptToken) };
            if (report.SecondsPerStep > 0) fastest = fastest with { Step = Math.Min(fastest.Step, report.SecondsPerStep) };
        }

        return new(fastest.PromptToken == double.MaxValue ? 1 : fastest.PromptToken, fastest.PromptToken == double.MaxValue || fastest.Step == double.MaxValue ? 0 : fastest.Step);
    }

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

    private static double Cost(DeviceReport report, RoutedPrompt prompt, RoutingRule rule, PaceRange paces) => rule switch
    {
        RoutingRule.RoundRobin => 0,
        RoutingRule.LeastLoaded => Load(report) * paces.PromptTokenOf(report),
        _ => FirstToken(report, prompt, paces),
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

    /// <summary>The fastest pace among some devices, in seconds; a unit of 1 and 0 while none has computed anything.</summary>
    internal readonly record struct PaceRange(double PromptToken, double Step)
    {
        public double PromptTokenOf(DeviceReport report) => Of(report.SecondsPerPromptToken, PromptToken);

        public double StepOf(DeviceReport report) => Of(report.SecondsPerStep, Step);

        private static double Of(double measured, double fastest) => measured > Wavering * fastest ? measured : fastest;
    }
}
