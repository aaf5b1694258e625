using System.Runtime.InteropServices;

namespace Splitwiser.Gpu.Cuda;

/// <summary>A mark in a stream that the host can ask for and other streams can wait for.</summary>
internal sealed class CudaEvent : SafeHandle
{
    private const uint BlockingSync = 1, DisableTiming = 2;

    /// <param name="blocks">A thread that waits for it sleeps, at the cost of waking later.</param>
    public CudaEvent(bool timed = false, bool blocks = false) : base(0, ownsHandle: true)
    {
        Cuda.Check(CudaDriver.cuEventCreate(out var @event, (timed ? 0 : DisableTiming) | (blocks ? BlockingSync : 0)));
        SetHandle(@event);
    }

    public nint Handle => handle;
    public override bool IsInvalid => handle == 0;

    public void Record(CudaStream stream) => Cuda.Check(CudaDriver.cuEventRecord(handle, stream.Handle));

    public bool IsReached
    {
        get
        {
            var result = CudaDriver.cuEventQuery(handle);
            if (result == CudaResult.NotReady) return false;
            Cuda.Check(result);
            return true;
        }
    }

    public void Wait() => Cuda.Check(CudaDriver.cuEventSynchronize(handle));

    /// <summary>Time from an earlier event; both must be timed and reached.</summary>
    public TimeSpan Since(CudaEvent start)
    {
        Cuda.Check(CudaDriver.cuEventElapsedTime(out var milliseconds, start.handle, handle));
        return TimeSpan.FromMilliseconds(milliseconds);
    }

    protected override bool ReleaseHandle() => CudaDriver.cuEventDestroy_v2(handle) == CudaResult.Success;
}
