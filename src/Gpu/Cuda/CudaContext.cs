using System.Runtime.InteropServices;

namespace Splitwiser.Gpu.Cuda;

/// <summary>The primary context of a device, retained. Memory, streams and kernels belong to it; every engine thread makes it current once.</summary>
internal sealed class CudaContext : SafeHandle
{
    public CudaContext(CudaDevice device) : base(0, ownsHandle: true)
    {
        Device = device;
        Cuda.Check(CudaDriver.cuDevicePrimaryCtxRetain(out var context, device.Ordinal));
        SetHandle(context);
        MakeCurrent();
    }

    public CudaDevice Device { get; }
    public override bool IsInvalid => handle == 0;

    /// <summary>For the calling thread.</summary>
    public void MakeCurrent() => Cuda.Check(CudaDriver.cuCtxSetCurrent(handle));

    public (long Free, long Total) Memory
    {
        get
        {
            Cuda.Check(CudaDriver.cuMemGetInfo_v2(out var free, out var total));
            return ((long)free, (long)total);
        }
    }

    protected override bool ReleaseHandle() => CudaDriver.cuDevicePrimaryCtxRelease_v2(Device.Ordinal) == CudaResult.Success;
}
