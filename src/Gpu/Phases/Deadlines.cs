namespace Splitwiser.Gpu.Phases;

/// <summary>One timer for all deadlines of a device: it rings no later than the earliest that it was told of, and asks when to ring next.</summary>
/// <param name="ring">Does what is due and returns the time until the next deadline; null for none.</param>
internal sealed class Deadlines : IDisposable
{
    private readonly object gate = new();
    private readonly TimeProvider time;
    private readonly ITimer timer;
    private long armedAt;           // timestamp when the timer was set, and how long it was set for
    private TimeSpan? armedFor;

    public Deadlines(TimeProvider time, Func<TimeSpan?> ring)
    {
        this.time = time;
        timer = time.CreateTimer(_ => Ring(ring), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Something is due after this time.</summary>
    public void Expect(TimeSpan due)
    {
        lock (gate)
        {
            if (armedFor is { } pending && pending - time.GetElapsedTime(armedAt) <= due) return;
            armedAt = time.GetTimestamp();
            armedFor = due;
            timer.Change(due, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => timer.Dispose();

    private void Ring(Func<TimeSpan?> ring)
    {
        lock (gate) armedFor = null;
        if (ring() is { } next) Expect(next);
    }
}
