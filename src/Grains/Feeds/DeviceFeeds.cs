using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Splitwiser.Grains;

/// <summary>This silo's feeds: one for each device that works for its requests, opened with the first of them.</summary>
internal sealed class DeviceFeeds(GrainOptions options, TimeProvider time, ILogger<DeviceFeeds> log) : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<DeviceFeed>> feeds = [];

    public DeviceFeed To(DeviceDoors device) =>
        feeds.GetOrAdd(device.Device, _ => new(() => new DeviceFeed(device, options, time, log, Forget))).Value;

    public void Dispose()
    {
        foreach (var feed in feeds.Values) feed.Value.Dispose();
    }

    private void Forget(DeviceFeed feed)
    {
        if (feeds.TryGetValue(feed.Device, out var open) && open.Value == feed) feeds.TryRemove(KeyValuePair.Create(feed.Device, open));
    }
}
