using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Splitwiser.Gpu.Cpu;

/// <summary>How weights lie in memory; they are widened to singles in registers, exactly. Addresses may be unaligned.</summary>
internal unsafe interface IWeightFormat
{
    static abstract int Size { get; }

    /// <summary>Sixteen weights.</summary>
    static abstract Vector512<float> Load(byte* source);

    /// <summary>One weight.</summary>
    static abstract float LoadOne(byte* source);
}

/// <summary>IEEE 754 singles.</summary>
internal readonly unsafe struct Single32 : IWeightFormat
{
    public static int Size => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(byte* source) => Vector512.Load((float*)source);

    public static float LoadOne(byte* source) => Unsafe.ReadUnaligned<float>(source);
}

/// <summary>bfloat16: the upper half of a single.</summary>
internal readonly unsafe struct Brain16 : IWeightFormat
{
    public static int Size => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(byte* source) =>
        (Vector512.WidenLower(Vector256.Load((ushort*)source).ToVector512Unsafe()) << 16).AsSingle();

    public static float LoadOne(byte* source) => BitConverter.UInt32BitsToSingle((uint)Unsafe.ReadUnaligned<ushort>(source) << 16);
}
