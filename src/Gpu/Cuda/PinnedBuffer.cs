using System.Runtime.InteropServices;

namespace Splitwiser.Gpu.Cuda;

/// <summary>Host memory that the device copies from and to without a detour.</summary>
internal sealed unsafe class PinnedBuffer : SafeHandle
{
    public PinnedBuffer(long bytes) : base(0, ownsHandle: true)
    {
        Cuda.Check(CudaDriver.cuMemHostAlloc(out var pointer, (nuint)Math.Max(bytes, 1), flags: 0));
        SetHandle((nint)pointer);
        Bytes = bytes;
    }

    public long Bytes { get; }
    public byte* Pointer => (byte*)handle;
    public override bool IsInvalid => handle == 0;

    public HostMemory Memory => new(handle, Bytes);

    public Span<T> As<T>(long byteOffset, int count) where T : unmanaged => Memory.As<T>(byteOffset, count);

    protected override bool ReleaseHandle() => CudaDriver.cuMemFreeHost((void*)handle) == CudaResult.Success;
}
