namespace Splitwiser.Bench.Kill;

/// <summary>How long the machine itself stood still: a thread that only wants to wake every 10 ms tells by how much it came too late.</summary>
internal sealed class StallWatch : IDisposable
{
    private static readonly TimeSpan Nap = TimeSpan.FromMilliseconds(10);

    private readonly TimeProvider time;
    private readonly ManualResetEventSlim ending = new();
    private readonly Thread thread;
    private long longest; // ticks

    public StallWatch(TimeProvider time)
    {
        this.time = time;
        thread = new Thread(Watch) { IsBackground = true, Name = "stall watch" };
        thread.Start();
    }

    /// <summary>The longest since it was asked last.</summary>
    public TimeSpan Longest() => TimeSpan.FromTicks(Interlocked.Exchange(ref longest, 0));

    public void Dispose()
    {
        ending.Set();
        thread.Join();
        ending.Dispose();
    }

    private void Watch()
    {
        for (var before = time.GetTimestamp(); !ending.Wait(Nap);)
        {
            var now = time.GetTimestamp();
            var late = (time.GetElapsedTime(before, now) - Nap).Ticks;
            if (late > Interlocked.Read(ref longest)) Interlocked.Exchange(ref longest, late);
            before = now;
        }
    }
}
