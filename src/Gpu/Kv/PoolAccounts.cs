namespace Splitwiser.Gpu.Kv;

/// <summary>Pages of one pool: Free + Leased + Cached = Total at every moment.</summary>
/// <param name="Free">Pages without content.</param>
/// <param name="Leased">Pages that at least one lease holds, shared ones counted once.</param>
/// <param name="Cached">Pages that no lease holds and that the prefix cache can still give out.</param>
public readonly record struct PoolAccounts(int Free, int Leased, int Cached, int Total);
