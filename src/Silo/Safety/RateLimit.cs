namespace Splitwiser.Silo.Safety;

/// <summary>
/// So many requests a minute: after a pause up to a sixth of them at once, then one each time that its share of the minute has passed.
/// This is GCRA (ITU-T I.371): all state is the moment at which the next request would be due.
/// </summary>
internal sealed class RateLimit(int perMinute, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly TimeSpan interval = TimeSpan.FromMinutes(1) / perMinute;
    private readonly int burst = Math.Max(1, perMinute / 6);
    private readonly long start = time.GetTimestamp();
    private TimeSpan due; // since start; never falls behind now

    /// <summary>False, with the wait until the next one has a chance, when the limit is reached.</summary>
    public bool TryTake(out TimeSpan wait)
    {
        lock (gate)
        {
            var now = time.GetElapsedTime(start);
            var next = due > now ? due : now;
            wait = next - now - (interval * (burst - 1));
            if (wait > TimeSpan.Zero)
                return false;
            due = next + interval;
            wait = TimeSpan.Zero;
            return true;
        }
    }
}
