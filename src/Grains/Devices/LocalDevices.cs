using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Splitwiser.Gpu.Phases;

namespace Splitwiser.Grains;

/// <summary>This silo's device workers. Filled before the silo takes calls, closed after its last one.</summary>
public sealed class LocalDevices(ILocalSiloDetails silo) : IAsyncDisposable
{
    private ImmutableArray<DeviceWorker> workers = [];

    public IReadOnlyList<DeviceWorker> All => workers;

    public DeviceWorker this[int index] => workers[index];

    /// <summary>The worker of "silo/index"; false when that is no device of this silo.</summary>
    public bool TryGet(string deviceKey, [NotNullWhen(true)] out DeviceWorker? worker)
    {
        worker = DeviceKey.TryParse(deviceKey, out var key) && key.Silo == silo.Name && key.Index < workers.Length ? workers[key.Index] : null;
        return worker is not null;
    }

    /// <summary>"silo/index" of a device of this silo.</summary>
    public string KeyOf(int index) => new DeviceKey(silo.Name, index).ToString();

    internal void Open(DeviceSet devices)
    {
        for (var index = 0; index < devices.Count; index++)
            workers = workers.Add(devices.Open(index));
    }

    /// <summary>Also what a silo comes to that failed to start, or was killed. A call that comes later finds no device.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var worker in ImmutableInterlocked.InterlockedExchange(ref workers, []))
        {
            await worker.DisposeAsync();
            worker.Runner.Dispose();
        }
    }
}
