using Splitwiser.Gpu.Kv;

namespace Splitwiser.Gpu.Phases;

/// <summary>The thread that makes the copies of one direction, so that no lane waits for one.</summary>
internal sealed class CopyThread(object gate, CopyDirection direction, HostTier tier, IModelRunner runner, TimeProvider time)
{
    /// <summary>Copies were made, in this time. Under the lock.</summary>
    public required Action<CopyJob, TimeSpan> Copied { get; init; }

    /// <summary>The runner or the bookkeeping failed. Not under the lock.</summary>
    public required Action<Exception> Failed { get; init; }

    /// <summary>The thread is about to return. Not under the lock.</summary>
    public required Action Stopped { get; init; }

    /// <summary>The thread returns after the copies that it is at. Under the lock.</summary>
    public bool Stops { get; set; }

    public void Start(string name) => new Thread(Drive) { IsBackground = true, Name = name }.UnsafeStart();

    private void Drive()
    {
        try
        {
            while (TryTakeJob(out var job))
            {
                var start = time.GetTimestamp();
                runner.Copy(direction, job.Copies);
                lock (gate)
                {
                    if (Stops) return;
                    Copied(job, time.GetElapsedTime(start));
                }
            }
        }
        catch (Exception exception)     // the thread's edge: whatever failed, the device is closed
        {
            Failed(exception);
        }
        finally
        {
            Stopped();
        }
    }

    private bool TryTakeJob(out CopyJob job)
    {
        lock (gate)
        {
            while (true)
            {
                job = null!;
                if (Stops) return false;
                if (tier.Next(direction) is { } next)
                {
                    job = next;
                    return true;
                }

                Monitor.Wait(gate);
            }
        }
    }
}
