using System.Collections.Immutable;

namespace Splitwiser.Grains;

/// <summary>The one grain door to a device's pages. Key "silo/index". Never waits for pages: waiting is an entry in the worker's queue.</summary>
[Alias("splitwiser.IKvCacheGrain")]
public interface IKvCacheGrain : IDeviceGrain
{
    /// <summary>Gives a lease's pages back, whatever its sequence is doing; false when it had none. Idempotent.</summary>
    [Alias("Release")]
    Task<bool> Release(LeaseRef lease, CancellationToken cancellationToken = default);

    /// <summary>What a lease holds; null when it is gone.</summary>
    [Alias("Inspect")]
    Task<LeaseView?> Inspect(LeaseRef lease, CancellationToken cancellationToken = default);

    [Alias("Accounts")]
    Task<PageAccounts> Accounts(CancellationToken cancellationToken = default);

    /// <summary>What of the cache is where, and what it has done since the device started.</summary>
    [Alias("Statistics")]
    Task<CacheStatistics> Statistics(CancellationToken cancellationToken = default);

    /// <summary>Chained hashes of pages that a prompt could share, as the device reports them for routing.</summary>
    [Alias("Summary")]
    Task<ImmutableArray<ulong>> Summary(CancellationToken cancellationToken = default);

    /// <summary>Begins to copy so many of the coldest cached pages to main memory; answers how many left the cache.</summary>
    /// <exception cref="RequestRefusedException">The device has no main memory behind its pages.</exception>
    [Alias("Offload")]
    Task<int> Offload(int pages, CancellationToken cancellationToken = default);

    /// <summary>Computes the full pages of a prefix, unless they are cached, and keeps them in the cache until <see cref="Unpin"/>.</summary>
    /// <exception cref="RequestRefusedException">More would be pinned than may be (parameter "prefix"), or the prompt was refused.</exception>
    [Alias("Pin"), ResponseTimeout("01:00:00")]
    Task<PinnedPrefix> Pin(ImmutableArray<int> prefix, string? cacheSalt, CancellationToken cancellationToken = default);

    /// <summary>Lets a pinned prefix go; false when it was gone. Idempotent.</summary>
    [Alias("Unpin")]
    Task<bool> Unpin(long number, CancellationToken cancellationToken = default);

    /// <summary>Drops every cached page that no lease shares and no pin keeps, in main memory too; answers how many pages became free.</summary>
    [Alias("DropCache")]
    Task<int> DropCache(CancellationToken cancellationToken = default);
}
