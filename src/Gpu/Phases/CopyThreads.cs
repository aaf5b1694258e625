using Splitwiser.Gpu.Kv;

namespace Splitwiser.Gpu.Phases;

/// <summary>The threads that copy between a device and main memory, one for each direction. Guarded by the device's lock.</summary>
internal sealed class CopyThreads
{
    private readonly object gate;
    private readonly CopyThread[] threads;

    /// <param name="copied">Copies were made. Called under the lock.</param>
    /// <param name="failed">Not called under the lock; once per failed thread.</param>
    public CopyThreads(object gate, HostTier tier, IModelRunner runner, TimeProvider time, Action<CopyJob, TimeSpan> copied, Action<Exception> failed, RunningThreads running)
    {
        this.gate = gate;
        threads = [.. Enum.GetValues<CopyDirection>().Select(direction =>
            new CopyThread(gate, direction, tier, runner, time) { Copied = copied, Failed = failed, Stopped = running.Stopped })];
        foreach (var _ in threads) running.Add();
        tier.Begun += () => Monitor.PulseAll(gate);
    }

    public void Start(string name)
    {
        foreach (var thread in threads) thread.Start(name);
    }

    /// <summary>Both stop after the copies that they are at.</summary>
    public void Stop()
    {
        foreach (var thread in threads) thread.Stops = true;
        Monitor.PulseAll(gate);
    }
}
