using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cpu;

/// <summary>The shape of the largest tile of <see cref="MatMulTile{TWeight}"/>.</summary>
internal static class MatMulTile
{
    /// <summary>Rows, and outputs: 16 sums and their operands fill the 32 registers.</summary>
    public const int Size = 4;
}

/// <summary>
/// The products of a few rows of x and a few of w, in registers: y[i,j] += sum_k x[i,k] w[j,k]. Sixteen lanes run over k;
/// each sum adds its products in the same order in every shape of tile.
/// </summary>
internal readonly unsafe struct MatMulTile<TWeight> where TWeight : struct, IWeightFormat
{
    /// <summary>(rows, depth), rows <see cref="Inputs"/> apart.</summary>
    public required float* X { get; init; }

    /// <summary>(outputs, depth) weights, rows <see cref="Inputs"/> weights apart.</summary>
    public required byte* W { get; init; }

    /// <summary>(rows, outputs) sums to add to, rows <see cref="YStride"/> apart.</summary>
    public required float* Y { get; init; }

    public required int YStride { get; init; }
    public required int Inputs { get; init; }

    /// <summary>How many k: whole vectors.</summary>
    public required int Depth { get; init; }

    /// <summary>Rows and outputs are at most <see cref="MatMulTile.Size"/>.</summary>
    public void Add<TSource>(int rows, int outputs) where TSource : struct, IWeightSource
    {
        if (rows > 1 && outputs == MatMulTile.Size) AddRows<TSource>(rows);
        else
            for (var i = 0; i < rows * outputs; i++) AddOne(i / outputs, i % outputs);
    }

    /// <summary>Two to four rows; missing ones repeat the last, and their sums are dropped.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddRows<TSource>(int rows) where TSource : struct, IWeightSource
    {
        Vector512<float> s00 = default, s01 = default, s02 = default, s03 = default;
        Vector512<float> s10 = default, s11 = default, s12 = default, s13 = default;
        Vector512<float> s20 = default, s21 = default, s22 = default, s23 = default;
        Vector512<float> s30 = default, s31 = default, s32 = default, s33 = default;
        nint stride = Inputs, next = MatMulTile.Size * stride * TWeight.Size;
        float* x0 = X, x1 = x0 + stride, x2 = rows > 2 ? x1 + stride : x1, x3 = rows > 3 ? x2 + stride : x2;
        byte* w0 = W, w1 = w0 + stride * TWeight.Size, w2 = w1 + stride * TWeight.Size, w3 = w2 + stride * TWeight.Size;
        for (nint k = 0; k < Depth; k += Lanes.Width)
        {
            var a = TWeight.Load(w0 + k * TWeight.Size);
            var b = TWeight.Load(w1 + k * TWeight.Size);
            var c = TWeight.Load(w2 + k * TWeight.Size);
            var d = TWeight.Load(w3 + k * TWeight.Size);
            var row = Vector512.Load(x0 + k);
            s00 = Vector512.FusedMultiplyAdd(row, a, s00);
            s01 = Vector512.FusedMultiplyAdd(row, b, s01);
            s02 = Vector512.FusedMultiplyAdd(row, c, s02);
            s03 = Vector512.FusedMultiplyAdd(row, d, s03);
            row = Vector512.Load(x1 + k);
            s10 = Vector512.FusedMultiplyAdd(row, a, s10);
            s11 = Vector512.FusedMultiplyAdd(row, b, s11);
            s12 = Vector512.FusedMultiplyAdd(row, c, s12);
            s13 = Vector512.FusedMultiplyAdd(row, d, s13);
            row = Vector512.Load(x2 + k);
            s20 = Vector512.FusedMultiplyAdd(row, a, s20);
            s21 = Vector512.FusedMultiplyAdd(row, b, s21);
            s22 = Vector512.FusedMultiplyAdd(row, c, s22);
            s23 = Vector512.FusedMultiplyAdd(row, d, s23);
            row = Vector512.Load(x3 + k);
            s30 = Vector512.FusedMultiplyAdd(row, a, s30);
            s31 = Vector512.FusedMultiplyAdd(row, b, s31);
            s32 = Vector512.FusedMultiplyAdd(row, c, s32);
            s33 = Vector512.FusedMultiplyAdd(row, d, s33);
            TSource.Expect(w0 + next + k * TWeight.Size);
            TSource.Expect(w1 + next + k * TWeight.Size);
            TSource.Expect(w2 + next + k * TWeight.Size);
            TSource.Expect(w3 + next + k * TWeight.Size);
        }
        Store(Y, s00, s01, s02, s03);
        Store(Y + YStride, s10, s11, s12, s13);
        if (rows > 2) Store(Y + 2 * (nint)YStride, s20, s21, s22, s23);
        if (rows > 3) Store(Y + 3 * (nint)YStride, s30, s31, s32, s33);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddOne(int row, int output)
    {
        float* x = X + (nint)row * Inputs;
        byte* w = W + (nint)output * Inputs * TWeight.Size;
        var sum = Vector512<float>.Zero;
        for (nint k = 0; k < Depth; k += Lanes.Width)
            sum = Vector512.FusedMultiplyAdd(Vector512.Load(x + k), TWeight.Load(w + k * TWeight.Size), sum);
        Y[(nint)row * YStride + output] += Lanes.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* y, Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d) =>
        (Vector128.Load(y) + Lanes.Sums(a, b, c, d)).Store(y);
}
