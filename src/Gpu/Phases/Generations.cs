using Splitwiser.Gpu.Kv;

namespace Splitwiser.Gpu.Phases;

/// <summary>The sequences that callers can name: from their Prefill call until their output was read, or they were released. Guarded by the device's lock.</summary>
internal sealed class Generations(PagePool pool, Scheduler scheduler, DeviceOptions options, TimeProvider time)
{
    private readonly Dictionary<long, Generation> byNumber = [];
    private readonly List<Generation> expired = [];

    /// <summary>One was ended from here: it leaves, or waits no more.</summary>
    public event Action? Ended;

    public int Count => byNumber.Count;

    public IEnumerable<Generation> All => byNumber.Values;

    public Generation Open(PromptRequest request, PrefixKeys keys, OutputGrammar? grammar)
    {
        var generation = new Generation(request, pool.Open(keys.Salt), keys, time.GetTimestamp(), grammar);
        byNumber.Add(generation.Number, generation);
        return generation;
    }

    /// <summary>Forgets one that has ended.</summary>
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

    /// <summary>Ends a sequence; of its output stays what is before the index.</summary>
    public void Stop(LeaseId lease, int atIndex)
    {
        if (Find(lease) is not { } generation) return;
        generation.AcceptedLength = (int)Math.Min((long)generation.Request.OutputStart + atIndex, generation.Tokens.Length);
        generation.Output?.Truncate(atIndex);
        scheduler.End(generation, new OutputOutcome(new SequenceEnd(EndReason.Stopped), null));
        Ended?.Invoke();
    }

    /// <returns>True when it held pages; false, too, for a lease that is gone.</returns>
    public bool Release(LeaseId lease)
    {
        if (Find(lease) is not { } generation) return false;
        var held = generation.Lease.Count > 0;
        Drop(generation, new OutputOutcome(new SequenceEnd(EndReason.Released), null));
        return held;
    }

    /// <summary>Ends the prompt with this ticket, handed over or not.</summary>
    /// <returns>False when there is none.</returns>
    public bool Withdraw(Guid ticket)
    {
        if (byNumber.Values.FirstOrDefault(generation => generation.Request.Ticket == ticket) is not { } generation) return false;
        Drop(generation, new OutputOutcome(new SequenceEnd(EndReason.Released), null));
        return true;
    }

    /// <summary>Null when it is gone.</summary>
    public LeaseInfo? Inspect(LeaseId lease) =>
        Find(lease) is { } generation
            ? new LeaseInfo(lease, generation.Phase, generation.Tokens.Length, generation.Lease.Count, pool.SharedPages(generation.Lease))
            : null;

    /// <summary>Ends a sequence and forgets it.</summary>
    public void Drop(Generation generation, OutputOutcome outcome)
    {
        scheduler.End(generation, outcome);
        Remove(generation.Number);
        Ended?.Invoke();
    }

    /// <summary>Drops those that nobody attached to, or read, in time.</summary>
    /// <returns>Time until the next one expires, unless it is read; null for none.</returns>
    public TimeSpan? DropExpired()
    {
        TimeSpan? next = null;
        expired.Clear();
        foreach (var generation in byNumber.Values)
        {
            if (!generation.IsHandedOff) continue;
            var left = TimeoutOf(generation) - generation.Unread(time);
            if (left <= TimeSpan.Zero) expired.Add(generation);
            else if (next is null || left < next) next = left;
        }

        foreach (var generation in expired) Drop(generation, new OutputOutcome(null, new LeaseExpiredException(generation.Lease.Id, TimeoutOf(generation))));
        return next;
    }

    private TimeSpan TimeoutOf(Generation generation) => generation.Attached ? options.ConsumerIdleTimeout : options.HandoffTimeout;
}
