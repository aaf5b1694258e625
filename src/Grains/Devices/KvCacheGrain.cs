using System.Collections.Immutable;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Splitwiser.Grains;

/// <summary>The door to the pages.</summary>
// Reentrant: it holds no state of its own, and no call waits for another: not even Pin, whose pages a release frees that comes in here.
[OnDevice, Immovable, Reentrant]
internal sealed class KvCacheGrain(LocalDevices devices, ILocalSiloDetails silo) : DeviceGrain(devices, silo), IKvCacheGrain
{
    public Task<bool> Release(LeaseRef lease, CancellationToken cancellationToken) => Ask(worker => Task.FromResult(worker.Release(lease.ToDevice())));

    public Task<LeaseView?> Inspect(LeaseRef lease, CancellationToken cancellationToken) => Ask(worker => Task.FromResult(worker.Inspect(lease.ToDevice())?.ToWire()));

    public Task<PageAccounts> Accounts(CancellationToken cancellationToken) => Ask(worker => Task.FromResult(worker.Pages.ToWire()));

    public Task<CacheStatistics> Statistics(CancellationToken cancellationToken) => Ask(worker => Task.FromResult(worker.ToCacheStatistics()));

    public Task<ImmutableArray<ulong>> Summary(CancellationToken cancellationToken) => Ask(worker => Task.FromResult(worker.Load.CachedPrefixes));

    public Task<int> Offload(int pages, CancellationToken cancellationToken) => Ask(worker => Task.FromResult(
        pages >= 0 ? worker.Offload(pages) : throw new RequestRefusedException(RefusalReason.InvalidRequest, $"{pages} pages can't be offloaded.", "pages")));

    public Task<PinnedPrefix> Pin(ImmutableArray<int> prefix, string? cacheSalt, CancellationToken cancellationToken) => AskAsync(async worker =>
    {
        var pin = await worker.Pin(prefix.AsMemory(), cacheSalt, cancellationToken);
        return new PinnedPrefix(pin.Number, pin.Tokens, pin.Pages);
    });

    public Task<bool> Unpin(long number, CancellationToken cancellationToken) => Ask(worker => Task.FromResult(worker.Unpin(number)));

    public Task<int> DropCache(CancellationToken cancellationToken) => Ask(worker => Task.FromResult(worker.DropCache()));
}
