using Splitwiser.Gpu.Kv;

namespace Splitwiser.Gpu.Phases;

/// <summary>Another reader attached to the same output; this one reads no more.</summary>
public sealed class ReaderSupersededException(LeaseId lease) : Exception($"Another reader attached to lease {lease.Number}.")
{
    public LeaseId Lease { get; } = lease;
}
