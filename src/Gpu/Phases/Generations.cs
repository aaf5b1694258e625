using Splitwiser.Gpu.Kv;

namespace Splitwiser.Gpu.Phases;

/// <summary>The sequences that callers can name: from their Prefill call until their output was read, or they were released. Guarded by the device's lock.</summary>
internal sealed class Generations(PagePool pool, DeviceOptions options, TimeProvider time)
{
    private readonly Dictionary<long, Generation> byNumber = [];
    private readonly List<Generation> expired = [];

    public int Count => byNumber.Count;

    public IEnumerable<Generation> All => byNumber.Values;

    public void Add(Generation generation) => byNumber.Add(generation.Number, generation);

    public bool Remove(long number) => byNumber.Remove(number);

    public void Clear() => byNumber.Clear();

    /// <summary>Null when it is gone.</summary>
    /// <exception cref="DeviceRefusedException">StaleLease, or UnknownLease for one that was never given out.</exception>
    public Generation? Find(LeaseId lease)
    {
        if (lease.Incarnation != pool.Incarnation)
            throw new DeviceRefusedException(DeviceRefusal.StaleLease, $"Lease {lease.Number} is of another incarnation of the device.");
        if (!pool.WasOpened(lease))
            throw new DeviceRefusedException(DeviceRefusal.UnknownLease, $"Lease {lease.Number} was never given out.");
        return byNumber.GetValueOrDefault(lease.Number);
    }

    /// <summary>Those that nobody attached to, or read, in time. Valid until the next call.</summary>
    /// <param name="next">Time until the next one expires, unless it is read.</param>
    public IReadOnlyList<Generation> Expired(out TimeSpan? next)
    {
        next = null;
        expired.Clear();
        foreach (var generation in byNumber.Values)
        {
            if (!generation.IsHandedOff) continue;
            var left = TimeoutOf(generation) - generation.Unread(time);
            if (left <= TimeSpan.Zero) expired.Add(generation);
            else if (next is null || left < next) next = left;
        }

        return expired;
    }

    public TimeSpan TimeoutOf(Generation generation) => generation.Attached ? options.ConsumerIdleTimeout : options.HandoffTimeout;
}
