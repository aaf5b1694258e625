using Splitwiser.Gpu.Kv;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Phases;

/// <summary>
/// The sequences that leave, Preempting and Ending: their pages go back, and into the cache what may be kept of them, when no step in flight
/// touches them any more. Guarded by the device's lock.
/// </summary>
internal sealed class Departures(PagePool pool, Prompts prompts, Seats seats, DeviceOptions options, RopeConfig? rope)
{
    public int Count { get; private set; }

    /// <summary>One that has pages begins to leave, or one that was to come back will not.</summary>
    public void Begin(Generation generation, SequencePhase to)
    {
        if (generation.Phase != SequencePhase.Preempting) Count++;
        generation.MoveTo(to);
        Settle(generation);
    }

    /// <summary>Completes a leave once no step in flight touches the pages.</summary>
    public void Settle(Generation generation)
    {
        if (generation.InFlight > 0 || generation.Phase is not (SequencePhase.Preempting or SequencePhase.Ending)) return;
        Count--;
        if (options.PrefixCaching)
            Publish(generation, generation.AcceptedLength ?? (generation.Request.CacheOutput ? generation.Tokens.Length : generation.Request.Tokens.Length));
        if (generation.Phase == SequencePhase.Ending) End(generation);
        else Requeue(generation);
    }

    /// <summary>One without pages, or whose pages nothing touches, has ended.</summary>
    public void End(Generation generation)
    {
        generation.MoveTo(SequencePhase.Ended);
        pool.Close(generation.Lease);
        if (generation.Sequence is null) return;
        generation.Sequence.DropPages();
        seats.GiveBack(generation.Sequence);
    }

    /// <summary>The cache gets the pages that are computed, below the accepted length.</summary>
    public void Publish(Generation generation, int acceptedLength) =>
        pool.Publish(generation.Lease, generation.Tokens, Math.Min(generation.Computed, acceptedLength));

    public void Clear() => Count = 0;

    private void Requeue(Generation generation)
    {
        pool.Release(generation.Lease);
        generation.Sequence!.DropPages();
        generation.MoveTo(SequencePhase.Preempted);
        generation.Rekey(PrefixKeys.Of(generation.Tokens, generation.Request, options, rope));
        prompts.Return(generation);
    }
}
