using System.Runtime.InteropServices;

namespace Splitwiser.Gpu.Cuda;

/// <summary>A queue of device work that runs in order; non-blocking towards the default stream.</summary>
internal sealed class CudaStream : SafeHandle
{
    private const uint NonBlocking = 1;

    /// <param name="priority">0 is the lowest; lower numbers go first.</param>
    public CudaStream(int priority = 0) : base(0, ownsHandle: true)
    {
        Cuda.Check(CudaDriver.cuStreamCreateWithPriority(out var stream, NonBlocking, priority));
        SetHandle(stream);
    }

    /// <summary>On the multiprocessors of a green context only. Must be disposed before it.</summary>
    public CudaStream(GreenContext on, int priority) : base(0, ownsHandle: true)
    {
        Cuda.Check(CudaDriver.cuGreenCtxStreamCreate(out var stream, on.Handle, NonBlocking, priority));
        SetHandle(stream);
    }

    public nint Handle => handle;
    public override bool IsInvalid => handle == 0;

    public void Synchronize() => Cuda.Check(CudaDriver.cuStreamSynchronize(handle));

    public void WaitFor(CudaEvent @event) => Cuda.Check(CudaDriver.cuStreamWaitEvent(handle, @event.Handle, 0));

    protected override bool ReleaseHandle() => CudaDriver.cuStreamDestroy_v2(handle) == CudaResult.Success;
}
