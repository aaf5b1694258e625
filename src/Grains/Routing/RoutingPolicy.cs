using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Splitwiser.Gpu.Kv;

namespace Splitwiser.Grains;

/// <summary>Which device a prompt goes to: by default the one where its first token is nearest. Pure.</summary>
public static class RoutingPolicy
{
    /// <summary>A sequence that a device runs delays a new prompt about as much as so many queued tokens.</summary>
    private const int TokensPerSequence = 8;

    /// <summary>A silo that is silent for so long is avoided while another one is there: four heartbeats are missing.</summary>
    private static readonly TimeSpan Suspect = TimeSpan.FromSeconds(1);

    /// <summary>False when no open device of the model is left that the request has not tried.</summary>
    public static bool TryPick(DeviceSnapshot snapshot, RoutedPrompt prompt, [NotNullWhen(true)] out string? device, RoutingRule rule = RoutingRule.KvAware)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentNullException.ThrowIfNull(prompt);
        device = null;
        var best = (Tier: int.MaxValue, Cost: long.MaxValue);
        for (var i = 0; i < snapshot.Devices.Length; i++)
        {
            var report = snapshot.Devices[(int)((prompt.Draw + (uint)i) % (uint)snapshot.Devices.Length)];
            if (!report.Open || report.Model != prompt.Model || prompt.Tried.Contains(report.Device))
                continue;
            var rank = (Tier(report, prompt), Cost(report, prompt, rule));
            if (rank.CompareTo(best) < 0)
                (best, device) = (rank, report.Device);
        }

        return device is not null;
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
        (report.Age > Suspect || SharesSiloWithTried(report, prompt) ? 2 : 0) + (report.Pages.Free + report.Pages.Cached < prompt.Pages ? 1 : 0);

    /// <summary>In tokens: what is queued before the prompt, what of it is not cached, and the sequences that share the device.</summary>
    private static long Cost(DeviceReport report, RoutedPrompt prompt, RoutingRule rule) => rule switch
    {
        RoutingRule.RoundRobin => 0,
        RoutingRule.LeastLoaded => Load(report),
        _ => Load(report) + Uncached(report, prompt),
    };

    private static long Load(DeviceReport report) => report.QueuedTokens + ((long)TokensPerSequence * (report.Waiting + report.Running));

    private static bool SharesSiloWithTried(DeviceReport report, RoutedPrompt prompt)
    {
        foreach (var tried in prompt.Tried)
            if (DeviceKey.SiloOf(tried).SequenceEqual(DeviceKey.SiloOf(report.Device)))
                return true;
        return false;
    }
}
