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

    /// <summary>Drops every cached page that no lease shares; answers how many became free.</summary>
    [Alias("DropCache")]
    Task<int> DropCache(CancellationToken cancellationToken = default);
}
