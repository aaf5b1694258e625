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

    public Task<int> DropCache(CancellationToken cancellationToken) => Sign(0);

    public Task<string> Whereabouts(CancellationToken cancellationToken) => Sign("");

    private Task<T> Sign<T>(T answer)
    {
        Asked++;
        return Lives ? Task.FromResult(answer) : new TaskCompletionSource<T>().Task;
    }
}
