namespace Splitwiser.Grains;

/// <summary>All devices of the cluster. A new activation knows nothing and hears of everybody within one heartbeat.</summary>
internal sealed class DeviceDirectoryGrain(GrainOptions options, TimeProvider time) : Grain, IDeviceDirectoryGrain
{
    private readonly DeviceRoll roll = new(options.DeviceExpiry);
    private readonly long activated = time.GetTimestamp();

    public Task<DeviceSnapshot> Heartbeat(SiloReport report, CancellationToken cancellationToken)
    {
        roll.Enter(report, time.GetElapsedTime(activated));
        return Snapshot(cancellationToken);
    }

    public Task<DeviceSnapshot> Snapshot(CancellationToken cancellationToken) => Task.FromResult(roll.At(time.GetElapsedTime(activated)));
}
