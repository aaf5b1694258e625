namespace Splitwiser.Gpu.Cuda;

/// <summary>Memory of the host that somebody else owns.</summary>
internal readonly unsafe record struct HostMemory(nint Address, long Bytes)
{
    public Span<T> As<T>(long byteOffset, int count) where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(byteOffset + (long)count * sizeof(T), Bytes);
        return new((byte*)Address + byteOffset, count);
    }
}
