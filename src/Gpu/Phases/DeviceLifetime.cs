namespace Splitwiser.Gpu.Phases;

/// <summary>A device is open, may drain until it has run out, and is closed by a fault, be it that of being shut down. Guarded by the device's lock.</summary>
internal sealed class DeviceLifetime(Scheduler scheduler, Generations generations, Outputs outputs)
{
    private readonly TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<TaskCompletionSource> draining = [];      // one for each Drain call that waits
    private DeviceFaultException? fault;
    private bool drains;

    /// <summary>Takes new prompts.</summary>
    public bool IsOpen => fault is null && !drains;

    public bool IsClosed => fault is not null;

    /// <summary>It drains, and every sequence has ended and was read.</summary>
    public bool HasRunOut => drains && generations.Count == 0 && scheduler.IsIdle;

    /// <summary>Why it is closed; null while it is not. Also without the lock.</summary>
    public DeviceFaultException? Fault => Volatile.Read(ref fault);

    /// <summary>Completes when nothing of it runs any more. Also without the lock.</summary>
    public Task Closed => closed.Task;

    /// <summary>Why it takes no prompts; null while it does.</summary>
    public DeviceRefusedException? Refusal =>
        IsClosed ? new DeviceRefusedException(DeviceRefusal.Closed, "The device is closed.")
        : drains ? new DeviceRefusedException(DeviceRefusal.Draining, "The device is shutting down.")
        : null;

    /// <exception cref="DeviceRefusedException">Closed.</exception>
    public void ThrowIfClosed()
    {
        if (IsClosed) throw Refusal!;
    }

    /// <summary>Refuses prompts from now on; completes when the device has run out.</summary>
    public Task Drain(CancellationToken cancellationToken)
    {
        drains = true;
        if (IsClosed) return Closed.WaitAsync(cancellationToken);
        if (HasRunOut)
        {
            outputs.Complete(fault: null);
            return Task.CompletedTask;
        }

        var idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        draining.Add(idle);
        return idle.Task.WaitAsync(cancellationToken);
    }

    /// <summary>A sequence has left, or its output was read: that may have been the last.</summary>
    public void Left()
    {
        if (!HasRunOut) return;
        outputs.Complete(fault: null);
        foreach (var idle in draining) idle.TrySetResult();
        draining.Clear();
    }

    /// <summary>Answers all who wait with the reason; false when it was closed already.</summary>
    public bool TryClose(DeviceFaultException reason)
    {
        if (IsClosed) return false;
        fault = reason;
        foreach (var generation in generations.All) generation.Conclude(new OutputOutcome(null, reason));
        outputs.Complete(reason);
        foreach (var idle in draining) idle.TrySetException(reason);
        return true;
    }

    /// <summary>Nothing of it runs any more.</summary>
    public void Stopped() => closed.TrySetResult();
}
