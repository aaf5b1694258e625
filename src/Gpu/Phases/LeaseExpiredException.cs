using Splitwiser.Gpu.Kv;

namespace Splitwiser.Gpu.Phases;

/// <summary>The sequence was dropped because nobody attached to its output, or read it, in time.</summary>
public sealed class LeaseExpiredException(LeaseId lease, TimeSpan timeout)
    : Exception($"Lease {lease.Number} expired: its output was not read for {timeout.TotalSeconds:0.###} s.")
{
    public LeaseId Lease { get; } = lease;
}
