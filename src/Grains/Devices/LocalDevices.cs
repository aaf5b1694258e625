using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Splitwiser.Gpu.Phases;

namespace Splitwiser.Grains;

/// <summary>This silo's devices. Filled before the silo takes calls, closed after its last one; in between an operator may open, drain and remove some.</summary>
public sealed class LocalDevices(ILocalSiloDetails silo) : IAsyncDisposable
{
    private readonly Lock gate = new(); // of whoever changes the list
    private ImmutableSortedDictionary<int, LocalDevice> devices = ImmutableSortedDictionary<int, LocalDevice>.Empty;
    private DeviceFactory? factory;
    private TaskCompletionSource change = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The workers of all devices, in the order of their numbers, those that are closed included.</summary>
    public IReadOnlyList<DeviceWorker> All => [.. devices.Values.Select(device => device.Worker).OfType<DeviceWorker>()];

    /// <summary>The devices in the order of their numbers, also those that open for the first time.</summary>
    public IReadOnlyList<LocalDevice> Each => [.. devices.Values];

    /// <summary>The worker of the device of that number.</summary>
    public DeviceWorker this[int index] => devices[index].Worker ?? throw new KeyNotFoundException($"{KeyOf(index)} has not opened yet.");

    /// <summary>Completes at the next change of a device's state.</summary>
    internal Task Change => Volatile.Read(ref change).Task;

    /// <summary>The worker of "silo/index"; false when that is no device of this silo.</summary>
    public bool TryGet(string deviceKey, [NotNullWhen(true)] out DeviceWorker? worker)
    {
        worker = DeviceKey.TryParse(deviceKey, out var key) && key.Silo == silo.Name && devices.TryGetValue(key.Index, out var device) ? device.Worker : null;
        return worker is not null;
    }

    /// <summary>"silo/index" of a device of this silo.</summary>
    public string KeyOf(int index) => new DeviceKey(silo.Name, index).ToString();

    /// <summary>Opens those that the silo starts with, one after the other.</summary>
    internal async Task Open(DeviceFactory with)
    {
        factory = with;
        for (var index = 0; index < with.Devices.Count; index++)
            await Add(index).Open();
    }

    /// <exception cref="DeviceControlException">This silo has no such device.</exception>
    internal LocalDevice Find(string deviceKey) =>
        DeviceKey.TryParse(deviceKey, out var key) && devices.TryGetValue(key.Index, out var device) ? device : throw Unknown(deviceKey);

    /// <summary>The device of that key, which may be the one after the last.</summary>
    /// <exception cref="DeviceControlException">There is neither such a device nor hardware for it.</exception>
    internal LocalDevice FindOrAdd(string deviceKey)
    {
        if (!DeviceKey.TryParse(deviceKey, out var key)) throw Unknown(deviceKey);
        if (devices.TryGetValue(key.Index, out var device)) return device;
        var most = factory!.Devices.Most;
        return key.Index < most ? Add(key.Index)
            : throw new DeviceControlException(ControlRefusal.NoMore, most == 0 ? $"{silo.Name} has no devices." : $"{silo.Name} has hardware for {most} devices, up to {KeyOf(most - 1)}.");
    }

    /// <summary>Forgets a device that has drained or failed.</summary>
    /// <exception cref="DeviceControlException">It has not, or is not there.</exception>
    internal LocalDevice Remove(string deviceKey)
    {
        var device = Find(deviceKey);
        if (device.Told().State is var now and not (DeviceState.Closed or DeviceState.Failed)) throw device.Wrong(now, "removed");
        lock (gate) devices = devices.Remove(device.Index);
        _ = device.End();
        Tell(device);
        return device;
    }

    /// <summary>Also what a silo comes to that failed to start, or was killed. A call that comes later finds no device.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var device in Interlocked.Exchange(ref devices, ImmutableSortedDictionary<int, LocalDevice>.Empty).Values)
            await device.End();
    }

    private LocalDevice Add(int index)
    {
        lock (gate)
        {
            if (devices.TryGetValue(index, out var device)) return device;
            device = new(KeyOf(index), index, factory!, Tell);
            devices = devices.Add(index, device);
            return device;
        }
    }

    private void Tell(LocalDevice device)
    {
        var (state, reason) = device.Told();
        factory!.Log.DeviceMoved(state == DeviceState.Failed ? LogLevel.Error : LogLevel.Information, device.Key, state, reason);
        Interlocked.Exchange(ref change, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    private DeviceControlException Unknown(string deviceKey) => new(ControlRefusal.Unknown, $"{silo.Name} has no device {deviceKey}.");
}
