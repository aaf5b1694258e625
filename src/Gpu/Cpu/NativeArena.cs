using System.Runtime.InteropServices;

namespace Splitwiser.Gpu.Cpu;

/// <summary>Blocks of native memory that are freed together. They are aligned to a cache line and cost nothing until touched.</summary>
internal sealed unsafe class NativeArena : IDisposable
{
    private const int Alignment = 64;

    private readonly List<(nint Address, nuint ByteCount)> blocks = [];

    /// <summary>Room for <paramref name="count"/> floats, of any content.</summary>
    /// <exception cref="OutOfMemoryException">There is no such block of memory.</exception>
    public float* Floats(long count)
    {
        var byteCount = (nuint)Math.Max(count, 1) * sizeof(float);
        var block = (float*)NativeMemory.AlignedAlloc(byteCount, Alignment);
        blocks.Add(((nint)block, byteCount));
        return block;
    }

    /// <summary>Sets every float, so that tests see what is read before it is written.</summary>
    public void Poison(float value)
    {
        foreach (var (address, byteCount) in blocks)
            for (nuint i = 0; i < byteCount / sizeof(float); i++) ((float*)address)[i] = value;
    }

    public void Dispose()
    {
        foreach (var (address, _) in blocks) NativeMemory.AlignedFree((void*)address);
        blocks.Clear();
    }
}
