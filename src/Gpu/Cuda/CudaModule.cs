using System.Runtime.InteropServices;

namespace Splitwiser.Gpu.Cuda;

/// <summary>Compiled kernels on the device. Loaded as a library, so that its kernels run on any stream, green contexts included.</summary>
internal sealed unsafe class CudaModule : SafeHandle
{
    public CudaModule(ReadOnlySpan<byte> cubin) : base(0, ownsHandle: true)
    {
        fixed (byte* code = cubin)
        {
            Cuda.Check(CudaDriver.cuLibraryLoadData(out var library, code, null, null, 0, null, null, 0));
            SetHandle(library);
        }
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>The kernel of this unmangled name.</summary>
    public CudaKernel Kernel(string name, CudaDevice device)
    {
        Cuda.Check(CudaDriver.cuLibraryGetKernel(out var kernel, handle, name));
        return new CudaKernel(name, kernel, device);
    }

    protected override bool ReleaseHandle() => CudaDriver.cuLibraryUnload(handle) == CudaResult.Success;
}
