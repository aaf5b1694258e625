using Splitwiser.Gpu.Cuda;

namespace Splitwiser.Gpu.Tests;

/// <summary>An array on the device. What is not given is poison: bytes of 0xFF, NaN as bf16 and f32.</summary>
internal sealed unsafe class DeviceArray<T> : IDisposable where T : unmanaged
{
    private readonly DeviceBuffer buffer;
    private readonly int count;

    public DeviceArray(int count)
    {
        this.count = count;
        buffer = new DeviceBuffer((long)count * sizeof(T));
        buffer.Fill(0xFF, Card.Required.Stream);
    }

    public DeviceArray(ReadOnlySpan<T> values) : this(values.Length)
    {
        fixed (T* from = values) buffer.Upload(from, buffer.Bytes, Card.Required.Stream);
        Card.Required.Stream.Synchronize();
    }

    public ulong Pointer => buffer.Pointer;

    public T[] Read()
    {
        var values = new T[count];
        fixed (T* to = values) buffer.Download(to, buffer.Bytes, Card.Required.Stream);
        Card.Required.Stream.Synchronize();
        return values;
    }

    public void Dispose() => buffer.Dispose();
}
