namespace Splitwiser.Gpu.Phases;

/// <summary>How fast the queue moves, learned while it does: what <see cref="AdmissionPolicy"/> predicts waits by. Guarded by the device's lock.</summary>
internal sealed class QueuePace(TimeProvider time)
{
    private Rate token;             // of prompts that have pages, the decode steps beside them included
    private Rate place;             // a seat and its pages, while a prompt waited for them
    private long prefillSince;      // timestamp until which prefill is accounted for
    private long? placeSince;       // the same of places; null while no prompt waits for one

    /// <summary>A prompt waits because seats or pages are short.</summary>
    public bool IsBlocked => placeSince is not null;

    /// <summary>Seconds for a prompt token; 0 before the first.</summary>
    public double SecondsPerToken => token.Seconds;

    /// <summary>Seconds until a place comes free for one more prompt; 0 when none was ever waited for.</summary>
    public double SecondsPerPlace => placeSince is { } since ? Math.Max(place.Seconds, time.GetElapsedTime(since).TotalSeconds) : place.Seconds;

    /// <summary>Prefill has work again.</summary>
    public void PrefillBegins(long now) => prefillSince = now;

    public void Prefilled(int tokens, long now)
    {
        token.Add(time.GetElapsedTime(prefillSince, now).TotalSeconds, tokens);
        prefillSince = now;
    }

    /// <summary>The prompt that comes next found no place.</summary>
    public void Blocked(long now) => placeSince ??= now;

    /// <summary>A prompt got its place.</summary>
    public void Placed(long now)
    {
        if (placeSince is not { } since) return;
        place.Add(time.GetElapsedTime(since, now).TotalSeconds, 1);
        placeSince = now;
    }

    /// <summary>No prompt waits any more.</summary>
    public void QueueIsEmpty() => placeSince = null;

    /// <summary>Seconds that one of something takes; what is older than a few seconds of such work fades.</summary>
    private struct Rate
    {
        private const double MemorySeconds = 5;

        private double time;
        private double count;

        public readonly double Seconds => count > 0 ? time / count : 0;

        public void Add(double seconds, int more)
        {
            var kept = Math.Exp(-seconds / MemorySeconds);
            time = (kept * time) + seconds;
            count = (kept * count) + more;
        }
    }
}
