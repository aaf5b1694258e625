namespace Splitwiser.Embedded;

/// <summary>Who is in the cluster. All its silos see the same snapshot at the same time.</summary>
internal sealed class Membership
{
    private readonly Lock gate = new();
    private volatile Version latest = new(new(ImmutableDictionary<SiloAddress, ClusterMember>.Empty));
    public ClusterMembershipSnapshot Current => latest.Snapshot;

    public void Set(ClusterMember member)
    {
        lock (gate)
        {
            var last = latest;
            latest = new(new(last.Snapshot.Members.SetItem(member.SiloAddress, member)));
            last.Next.SetResult(latest);
        }
    }

    /// <summary>The current snapshot and each later one, none left out.</summary>
    public async IAsyncEnumerable<ClusterMembershipSnapshot> Updates([EnumeratorCancellation] CancellationToken token = default)
    {
        for (var version = latest; ; version = await version.Next.Task.WaitAsync(token)) yield return version.Snapshot;
    }

    private sealed record Version(ClusterMembershipSnapshot Snapshot)
    {
        public TaskCompletionSource<Version> Next { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
