using Splitwiser.Gpu.Kv;

namespace Splitwiser.Gpu.Phases;

/// <summary>The accounts of a device's pages and of its sequences' page tables. Guarded by the device's lock.</summary>
internal sealed class Books(PagePool pool, Scheduler scheduler, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private long? balanced;     // timestamp of the last check at rest

    /// <summary>Throws InvalidOperationException when they don't add up.</summary>
    public void Check()
    {
        pool.CheckInvariants();
        scheduler.CheckInvariants();
    }

    /// <summary>Checks them when the device is idle, at most once a second; an error in them is a bug and closes the device.</summary>
    /// <returns>Whether it was time to.</returns>
    public bool CheckAtRest()
    {
        if (!scheduler.IsIdle) return false;
        var now = time.GetTimestamp();
        if (balanced is { } last && time.GetElapsedTime(last, now) < Pause) return false;
        balanced = now;
        Check();
        return true;
    }
}
