namespace Splitwiser.Gpu.Kv;

/// <summary>Pages of main memory behind one pool: Free + Used = Total at every moment.</summary>
/// <param name="Free">Without content.</param>
/// <param name="Used">Hold a copy, or are being filled.</param>
public readonly record struct HostAccounts(int Free, int Used, int Total);
