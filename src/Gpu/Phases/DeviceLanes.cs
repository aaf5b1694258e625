namespace Splitwiser.Gpu.Phases;

/// <summary>The lanes of a device: their queues, and a thread for each that the mode may use. Guarded by the device's lock.</summary>
internal sealed class DeviceLanes
{
    private readonly object gate;
    private readonly List<LaneThread> threads = [];

    /// <param name="read">Takes a completed step. Called under the lock.</param>
    /// <param name="rest">A lane found nothing to launch. Called under the lock.</param>
    /// <param name="failed">Not called under the lock; once per failed lane.</param>
    public DeviceLanes(object gate, IModelRunner runner, StepPlanner planner, Action<Step> read, Action rest, Action<Exception> failed, RunningThreads running)
    {
        this.gate = gate;
        Add(planner.DecodeLane, planner.NextDecode, () => planner.DecodeMayRun);
        if (planner.MayRunSideBySide) Add(planner.PrefillLane, planner.NextPrefill, () => planner.PrefillMayRun);

        void Add(LaneQueue queue, Func<Step?> plan, Func<bool> mayRun)
        {
            running.Add();
            threads.Add(new LaneThread(gate, queue, runner) { Plan = plan, MayRun = mayRun, Read = Learn, Rest = rest, Failed = failed, Stopped = running.Stopped });
        }

        void Learn(Step step)
        {
            planner.Observe(step);
            read(step);
        }
    }

    public void Start(string name)
    {
        foreach (var thread in threads) thread.Start(name);
    }

    /// <summary>Wakes those that sleep and may have work.</summary>
    public void Wake()
    {
        foreach (var thread in threads)
        {
            if (!thread.IsAsleep || !thread.MayRun()) continue;
            Monitor.PulseAll(gate);
            return;
        }
    }

    /// <summary>Every lane stops after the step that it is at.</summary>
    public void Stop()
    {
        foreach (var thread in threads) thread.Stops = true;
        Monitor.PulseAll(gate);
    }
}
