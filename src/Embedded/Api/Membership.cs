using System.Collections.Immutable;

namespace Orleans.Runtime;

[GenerateSerializer]
public enum SiloStatus
{
    None,
    Created,
    Joining,
    Active,
    ShuttingDown,
    Stopping,
    Dead,
}

/// <summary>Counts the changes of the cluster.</summary>
[GenerateSerializer, Immutable]
public readonly record struct MembershipVersion
{
    public MembershipVersion(long version) => Value = version;

    [Id(0)] public long Value { get; init; }

    public override string ToString() => Value.ToString();
}

/// <summary>One silo of the cluster, alive or not.</summary>
[GenerateSerializer, Immutable]
public sealed class ClusterMember(SiloAddress siloAddress, SiloStatus status, string name)
{
    [Id(0)] public SiloAddress SiloAddress { get; } = siloAddress;

    [Id(1)] public SiloStatus Status { get; } = status;

    [Id(2)] public string Name { get; } = name;

    public override string ToString() => $"{Name} {SiloAddress} {Status}";
}

/// <summary>Who was in the cluster at one version; the dead stay listed.</summary>
[GenerateSerializer, Immutable]
public sealed class ClusterMembershipSnapshot(ImmutableDictionary<SiloAddress, ClusterMember> members, MembershipVersion version)
{
    [Id(0)] public ImmutableDictionary<SiloAddress, ClusterMember> Members { get; } = members;

    [Id(1)] public MembershipVersion Version { get; } = version;

    public SiloStatus GetSiloStatus(SiloAddress silo) => Members.TryGetValue(silo, out var member) ? member.Status : SiloStatus.None;
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

    SiloAddress GatewayAddress { get; }
}
