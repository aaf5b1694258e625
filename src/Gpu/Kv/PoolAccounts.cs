namespace Splitwiser.Gpu.Kv;

/// <summary>Pages of one pool: Free + Leased + Cached = Total at every moment.</summary>
/// <param name="Free">Pages without content.</param>
/// <param name="Leased">Pages that at least one lease holds, shared ones counted once.</param>
/// <param name="Cached">Pages that no lease holds: the prefix cache keeps their content, or it is on its way to main memory.</param>
public readonly record struct PoolAccounts(int Free, int Leased, int Cached, int Total)
{
    /// <summary>Of those leased or cached, the ones that a pin keeps in the cache.</summary>
    public int Pinned { get; init; }
}
