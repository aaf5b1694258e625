using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Splitwiser.Gpu.Cpu;

/// <summary>Where a block of weights is found: what a kernel does for those that it will read next.</summary>
internal unsafe interface IWeightSource
{
    static abstract void Expect(byte* address);
}

/// <summary>The first rows to read a block: the next weights are asked for early, as the hardware does not look past the end of a matrix row.</summary>
internal readonly unsafe struct FromMemory : IWeightSource
{
    /// <summary>Into the L2 cache. Any address is allowed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Expect(byte* address)
    {
        if (Sse.IsSupported) Sse.Prefetch1(address);
    }
}

/// <summary>Rows that follow find the weights in the cache.</summary>
internal readonly unsafe struct FromCache : IWeightSource
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Expect(byte* address)
    {
    }
}
