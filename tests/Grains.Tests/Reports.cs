namespace Splitwiser.Grains.Tests;

/// <summary>Devices as the directory sees them.</summary>
internal static class Reports
{
    public static DeviceReport Idle(string device) => new()
    {
        Device = device, Model = "demo", Hardware = "none", Mode = "Adaptive", Open = true,
        Waiting = 0, Running = 0, QueuedTokens = 0, Pages = new(100, 0, 0, 100),
    };

    public static DeviceSnapshot Snapshot(params DeviceReport[] devices) => new(1, [.. devices]);

    public static RoutedPrompt Prompt(int tokens = 64) => new() { Model = "demo", Tokens = tokens, Pages = (tokens + 31) / 32 };
}
