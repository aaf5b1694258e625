namespace Splitwiser.Gpu.Phases;

/// <summary>Counts a device's threads, so that its end waits for the last: then nothing touches a page any more.</summary>
/// <param name="gate">The device's lock.</param>
/// <param name="stopped">Called under the lock when all have stopped.</param>
internal sealed class RunningThreads(object gate, Action stopped)
{
    private int count;

    /// <summary>One will be started. All are added before the first is.</summary>
    public void Add() => count++;

    /// <summary>One is about to return. Not under the lock.</summary>
    public void Stopped()
    {
        lock (gate)
        {
            if (--count == 0) stopped();
        }
    }
}
