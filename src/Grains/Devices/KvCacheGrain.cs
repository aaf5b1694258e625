using Orleans.Concurrency;
using Orleans.Placement;

namespace Splitwiser.Grains;

/// <summary>The door to the pages.</summary>
// Reentrant: it holds no state of its own and awaits nothing, least of all pages: the release that would free them comes in here.
[OnDevice, Immovable, Reentrant]
internal sealed class KvCacheGrain(LocalDevices devices, ILocalSiloDetails silo) : DeviceGrain(devices, silo), IKvCacheGrain
{
    public Task<bool> Release(LeaseRef lease, CancellationToken cancellationToken) => Ask(worker => Task.FromResult(worker.Release(lease.ToDevice())));

    public Task<LeaseView?> Inspect(LeaseRef lease, CancellationToken cancellationToken) => Ask(worker => Task.FromResult(worker.Inspect(lease.ToDevice())?.ToWire()));

    public Task<PageAccounts> Accounts(CancellationToken cancellationToken) => Ask(worker => Task.FromResult(worker.Pages.ToWire()));

    public Task<int> DropCache(CancellationToken cancellationToken) => Ask(worker => Task.FromResult(worker.DropCache()));
}
