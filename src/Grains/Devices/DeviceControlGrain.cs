using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Placement;
using Splitwiser.Gpu.Phases;

namespace Splitwiser.Grains;

/// <summary>The operator's door.</summary>
// Reentrant: it holds no state of its own, and while a device is checked it can be drained.
[OnDevice, Immovable, Reentrant]
internal sealed class DeviceControlGrain(LocalDevices devices, ILogger<DeviceControlGrain> log) : Grain, IDeviceControlGrain
{
    private static readonly TimeSpan LongestDrain = TimeSpan.FromDays(1);

    public Task<DeviceStatus> Status(CancellationToken cancellationToken) => Task.FromResult(Of(devices.Find(Device)));

    public Task<DeviceStatus> Drain(TimeSpan? within, CancellationToken cancellationToken)
    {
        if (within is { } patience && (patience < TimeSpan.Zero || patience > LongestDrain))
            throw new DeviceControlException(ControlRefusal.Invalid, $"A drain may take from 0 to {LongestDrain.TotalSeconds} s, not {patience.TotalSeconds}.");
        var device = devices.Find(Device);
        device.Drain(within);
        return Task.FromResult(Of(device));
    }

    public Task<DeviceStatus> Open(CancellationToken cancellationToken)
    {
        var device = devices.FindOrAdd(Device);
        _ = Opened(device.Open());
        return Task.FromResult(Of(device));
    }

    public Task<DeviceStatus> Remove(CancellationToken cancellationToken) => Task.FromResult(Of(devices.Remove(Device)));

    public async Task<SelfCheck> Check(CancellationToken cancellationToken)
    {
        var device = devices.Find(Device);
        try
        {
            return await device.Check(cancellationToken);
        }
        catch (DeviceRefusedException refused)
        {
            throw new DeviceControlException(ControlRefusal.WrongState, refused.Message);
        }
    }

    private string Device => this.GetPrimaryKeyString();

    private static DeviceStatus Of(LocalDevice device)
    {
        var ((state, reason), load) = (device.Told(), device.Worker?.Load);
        return new(device.Key, state, reason, load?.Running ?? 0, load?.Waiting ?? 0);
    }

    /// <summary>The caller has its answer: why it failed is in the device's status, and all of it in the log.</summary>
    private async Task Opened(Task opening)
    {
        try
        {
            await opening;
        }
        catch (Exception error) // the loop's edge
        {
            log.DeviceNotOpened(error, Device, error.Message);
        }
    }
}
