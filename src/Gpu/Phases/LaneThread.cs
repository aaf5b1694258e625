namespace Splitwiser.Gpu.Phases;

/// <summary>
/// The thread that drives a lane: launches steps while its queue has room, reads the oldest when there is nothing to launch, sleeps when
/// there is nothing to read either. Plans and results are handled under the device's lock; the runner runs without it.
/// </summary>
internal sealed class LaneThread(object gate, LaneQueue queue, IModelRunner runner)
{
    /// <summary>Fills and returns the next step, or null. Under the lock.</summary>
    public required Func<Step?> Plan { get; init; }

    /// <summary>Whether <see cref="Plan"/> could find something now. Under the lock.</summary>
    public required Func<bool> MayRun { get; init; }

    /// <summary>There is nothing to launch or read: the thread is about to sleep. Under the lock.</summary>
    public required Action Rest { get; init; }

    /// <summary>Takes a completed step. Under the lock.</summary>
    public required Action<Step> Read { get; init; }

    /// <summary>The runner or the bookkeeping failed. Not under the lock.</summary>
    public required Action<Exception> Failed { get; init; }

    /// <summary>The thread is about to return. Not under the lock.</summary>
    public required Action Stopped { get; init; }

    /// <summary>Waits to be pulsed. Under the lock.</summary>
    public bool IsAsleep { get; private set; }

    /// <summary>The thread returns after the step that it is at. Under the lock.</summary>
    public bool Stops { get; set; }

    public void Start(string name) => new Thread(Drive) { IsBackground = true, Name = name }.UnsafeStart();

    private void Drive()
    {
        try
        {
            while (TryTakeWork(out var step))
            {
                if (step is not null)
                {
                    step.Result = runner.Run(step.Lane, step.Plan);
                    if (!queue.IsFull) continue;
                }

                var oldest = queue.Oldest;
                oldest.Result!.Wait();
                lock (gate)
                {
                    if (Stops) return;
                    queue.MarkRead();
                    Read(oldest);
                }
            }
        }
        catch (Exception exception)     // the lane's edge: whatever failed, the device is closed
        {
            Failed(exception);
        }
        finally
        {
            Stopped();
        }
    }

    /// <summary>Sleeps until there is a step to launch, or one in flight to read (then null). False when the lane stops.</summary>
    private bool TryTakeWork(out Step? step)
    {
        lock (gate)
        {
            while (true)
            {
                step = null;
                if (Stops) return false;
                step = Plan();
                if (step is not null || queue.InFlight > 0) return true;
                Rest();
                IsAsleep = true;
                Monitor.Wait(gate);
                IsAsleep = false;
            }
        }
    }
}
