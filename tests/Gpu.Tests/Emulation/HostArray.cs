using System.Runtime.InteropServices;

namespace Splitwiser.Gpu.Tests.Emulation;

/// <summary>An array that an emulated kernel reads or writes. What is not given is poison: bytes of 0xFF, NaN as bf16 and f32.</summary>
internal sealed unsafe class HostArray<T> : IDisposable where T : unmanaged
{
    private const int Alignment = 256;

    private readonly int count;
    private T* memory;

    public HostArray(int count)
    {
        this.count = count;
        memory = (T*)NativeMemory.AlignedAlloc((nuint)Math.Max(1, count) * (nuint)sizeof(T), Alignment);
        Poison();
    }

    public HostArray(ReadOnlySpan<T> values) : this(values.Length) => values.CopyTo(Span);

    public ulong Pointer => (ulong)memory;
    public Span<T> Span => new(memory, count);

    public void Poison() => MemoryMarshal.AsBytes(Span).Fill(0xFF);

    public void Dispose()
    {
        NativeMemory.AlignedFree(memory);
        memory = null;
    }
}
