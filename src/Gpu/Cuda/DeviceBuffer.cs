using System.Runtime.InteropServices;

namespace Splitwiser.Gpu.Cuda;

/// <summary>Memory of the device, aligned to 256 bytes.</summary>
internal sealed unsafe class DeviceBuffer : SafeHandle
{
    public DeviceBuffer(long bytes) : base(0, ownsHandle: true)
    {
        Cuda.Check(CudaDriver.cuMemAlloc_v2(out var pointer, (nuint)Math.Max(bytes, 1)));
        SetHandle((nint)pointer);
        Bytes = bytes;
    }

    public long Bytes { get; }
    public ulong Pointer => (ulong)handle;
    public override bool IsInvalid => handle == 0;

    /// <summary>Copies to the device in stream order; the source must stay as it is until then.</summary>
    public void Upload(void* from, long bytes, CudaStream stream, long offset = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + bytes, Bytes);
        Cuda.Check(CudaDriver.cuMemcpyHtoDAsync_v2(Pointer + (ulong)offset, from, (nuint)bytes, stream.Handle));
    }

    public void Download(void* to, long bytes, CudaStream stream, long offset = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + bytes, Bytes);
        Cuda.Check(CudaDriver.cuMemcpyDtoHAsync_v2(to, Pointer + (ulong)offset, (nuint)bytes, stream.Handle));
    }

    public void Fill(byte value, CudaStream stream) => Cuda.Check(CudaDriver.cuMemsetD8Async(Pointer, value, (nuint)Bytes, stream.Handle));

    protected override bool ReleaseHandle() => CudaDriver.cuMemFree_v2((ulong)handle) == CudaResult.Success;
}
