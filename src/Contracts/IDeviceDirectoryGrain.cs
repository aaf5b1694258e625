using Orleans;

namespace Splitwiser;

/// <summary>All devices of the cluster. Key 0. Keeps no durable state: it is rebuilt from heartbeats.</summary>
[Alias("splitwiser.IDeviceDirectoryGrain")]
public interface IDeviceDirectoryGrain : IGrainWithIntegerKey
{
    /// <summary>A silo reports its devices and takes the whole snapshot home: one call per silo and heartbeat in both directions.</summary>
    [Alias("Heartbeat")]
    Task<DeviceSnapshot> Heartbeat(SiloReport report, CancellationToken cancellationToken = default);

    /// <summary>The devices that have reported lately.</summary>
    [Alias("Snapshot")]
    Task<DeviceSnapshot> Snapshot(CancellationToken cancellationToken = default);
}
