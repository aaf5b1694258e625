using System.Diagnostics.CodeAnalysis;

namespace Splitwiser.Grains;

/// <summary>
/// Which device a prompt goes to: of those that are in no doubt and have room the one that <see cref="RoutingCosts"/> says is cheapest. Pure.
/// </summary>
public static class RoutingPolicy
{
    /// <summary>A silo that is silent for so long is avoided while another one is there: four heartbeats are missing.</summary>
    private static readonly TimeSpan Suspect = TimeSpan.FromSeconds(1);

    /// <summary>False when no open device of the model is left that the request has not tried.</summary>
    public static bool TryPick(DeviceSnapshot snapshot, RoutedPrompt prompt, [NotNullWhen(true)] out string? device, RoutingRule rule = RoutingRule.KvAware)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentNullException.ThrowIfNull(prompt);
        device = null;
        var costs = RoutingCosts.Of(snapshot, prompt);
        var best = (Tier: int.MaxValue, Cost: double.MaxValue);
        for (var i = 0; i < snapshot.Devices.Length; i++)
        {
            var report = snapshot.Devices[(int)((prompt.Draw + (uint)i) % (uint)snapshot.Devices.Length)];
            if (!prompt.CanGoTo(report))
                continue;
            var rank = (Tier(report, prompt), costs.On(report, rule));
            if (rank.CompareTo(best) < 0)
                (best, device) = (rank, report.Device);
        }

        return device is not null;
    }

    /// <summary>First who is in doubt, then who has no room now.</summary>
    private static int Tier(DeviceReport report, RoutedPrompt prompt) =>
        (report.Age > Suspect || prompt.Doubted.Contains(report.Device) || SharesSiloWithTried(report, prompt) ? 2 : 0) + (report.Pages.Free + report.Pages.Cached < prompt.Pages ? 1 : 0);

    private static bool SharesSiloWithTried(DeviceReport report, RoutedPrompt prompt)
    {
        foreach (var tried in prompt.Tried)
            if (DeviceKey.SiloOf(tried).SequenceEqual(DeviceKey.SiloOf(report.Device)))
                return true;
        return false;
    }
}
