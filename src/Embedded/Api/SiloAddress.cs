namespace Orleans.Runtime;

/// <summary>Where a silo listens, and which of the silos that did: a later one at the same endpoint has a higher generation.</summary>
[Immutable, SuppressReferenceTracking]
public sealed class SiloAddress : IEquatable<SiloAddress>
{
    internal SiloAddress(IPEndPoint endpoint, int generation) => (Endpoint, Generation) = (endpoint, generation);

    [Id(0)] public IPEndPoint Endpoint { get; }
    [Id(1)] public int Generation { get; }

    public bool Equals(SiloAddress? other) => other is not null && Generation == other.Generation && Endpoint.Equals(other.Endpoint);
    public override bool Equals(object? obj) => Equals(obj as SiloAddress);
    public override int GetHashCode() => HashCode.Combine(Endpoint, Generation);
    public override string ToString() => $"S{Endpoint}:{Generation}";
}
