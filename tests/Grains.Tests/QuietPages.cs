using System.Collections.Immutable;

namespace Splitwiser.Grains.Tests;

/// <summary>A device's page grain that answers as told, or not at all.</summary>
internal sealed class QuietPages : IKvCacheGrain
{
    public bool Lives { get; set; } = true;

    public LeasePhase? Phase { get; set; } = LeasePhase.Decoding;

    public int Asked { get; private set; }

    public Task<PageAccounts> Accounts(CancellationToken cancellationToken) => Sign(new PageAccounts(1, 0, 0, 1));

    public Task<LeaseView?> Inspect(LeaseRef lease, CancellationToken cancellationToken) =>
        Sign(Phase is { } phase ? new LeaseView(lease, phase, 1, 1, 0) : null);

    public Task<bool> Release(LeaseRef lease, CancellationToken cancellationToken) => Sign(true);

    public Task<CacheStatistics> Statistics(CancellationToken cancellationToken) => Sign(new CacheStatistics
    {
        Pages = new(1, 0, 0, 1), PinnedPages = 0, HostPages = 0, HostPagesUsed = 0, QueryTokens = 0, HitTokens = 0, HostHitTokens = 0, PagesCopiedOut = 0, PagesCopiedIn = 0,
    });

    public Task<ImmutableArray<ulong>> Summary(CancellationToken cancellationToken) => Sign(ImmutableArray<ulong>.Empty);

    public Task<int> Offload(int pages, CancellationToken cancellationToken) => Sign(0);

    public Task<PinnedPrefix> Pin(ImmutableArray<int> prefix, string? cacheSalt, CancellationToken cancellationToken) => Sign(new PinnedPrefix(1, 32, 1));

    public Task<bool> Unpin(long number, CancellationToken cancellationToken) => Sign(true);

    public Task<int> DropCache(CancellationToken cancellationToken) => Sign(0);

    public Task<string> Whereabouts(CancellationToken cancellationToken) => Sign("");

    private Task<T> Sign<T>(T answer)
    {
        Asked++;
        return Lives ? Task.FromResult(answer) : new TaskCompletionSource<T>().Task;
    }
}
