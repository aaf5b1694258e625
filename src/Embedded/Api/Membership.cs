namespace Orleans.Runtime;

public enum SiloStatus { None, Created, Joining, Active, ShuttingDown, Stopping, Dead }

/// <summary>One silo of the cluster, alive or not.</summary>
public sealed class ClusterMember(SiloAddress siloAddress, SiloStatus status, string name)
{
    public SiloAddress SiloAddress { get; } = siloAddress;
    public SiloStatus Status { get; } = status;
    public string Name { get; } = name;
    public override string ToString() => $"{Name} {SiloAddress} {Status}";
}

/// <summary>Who was in the cluster at one moment; the dead stay listed.</summary>
public sealed class ClusterMembershipSnapshot
{
    internal ClusterMembershipSnapshot(ImmutableDictionary<SiloAddress, ClusterMember> members) => Members = members;
    public ImmutableDictionary<SiloAddress, ClusterMember> Members { get; }
}

/// <summary>The cluster as this silo sees it.</summary>
public interface IClusterMembershipService
{
    ClusterMembershipSnapshot CurrentSnapshot { get; }

    /// <summary>The current snapshot, then each later one. Has no end.</summary>
    IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates { get; }
}

/// <summary>Who this silo is.</summary>
public interface ILocalSiloDetails
{
    string Name { get; }
    string ClusterId { get; }
    SiloAddress SiloAddress { get; }
}
