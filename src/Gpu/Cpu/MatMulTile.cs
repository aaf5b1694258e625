using System.Runtime.Intrinsics;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cpu;

/// <summary>
/// The products of a few rows of x and a few of w, all in registers: sums[i,j] = sum_k x[i,k] w[j,k]. Sixteen lanes run over k;
/// each sum adds its products in the same order in every shape of tile.
/// </summary>
/// <param name="x">Rows <paramref name="inputs"/> apart.</param>
/// <param name="w">Rows <paramref name="inputs"/> weights apart.</param>
/// <param name="depth">How many k: whole vectors.</param>
internal readonly unsafe struct MatMulTile<TWeight>(float* x, byte* w, int inputs, int depth) where TWeight : struct, IWeightFormat
{
    public const int Rows = 4, Outputs = 4;

    /// <param name="rows">1 or <see cref="Rows"/>.</param>
    /// <param name="outputs">1 or <see cref="Outputs"/>.</param>
    /// <param name="sums">(rows, outputs)</param>
    public void Sum(int rows, int outputs, float* sums)
    {
        if (rows == Rows && outputs == Outputs) SumAll(sums);
        else if (outputs == Outputs) SumRow(sums);
        else
            for (var i = 0; i < rows; i++) sums[i] = SumOne(x + (long)i * inputs);
    }

    private void SumAll(float* sums)
    {
        Vector512<float> s00 = default, s01 = default, s02 = default, s03 = default;
        Vector512<float> s10 = default, s11 = default, s12 = default, s13 = default;
        Vector512<float> s20 = default, s21 = default, s22 = default, s23 = default;
        Vector512<float> s30 = default, s31 = default, s32 = default, s33 = default;
        nint stride = inputs;
        float* x0 = x, x1 = x0 + stride, x2 = x1 + stride, x3 = x2 + stride;
        byte* w0 = w, w1 = w0 + stride * TWeight.Size, w2 = w1 + stride * TWeight.Size, w3 = w2 + stride * TWeight.Size;
        for (nint k = 0; k < depth; k += Lanes.Width)
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
        }
        (sums[0], sums[1], sums[2], sums[3]) = (Lanes.Sum(s00), Lanes.Sum(s01), Lanes.Sum(s02), Lanes.Sum(s03));
        (sums[4], sums[5], sums[6], sums[7]) = (Lanes.Sum(s10), Lanes.Sum(s11), Lanes.Sum(s12), Lanes.Sum(s13));
        (sums[8], sums[9], sums[10], sums[11]) = (Lanes.Sum(s20), Lanes.Sum(s21), Lanes.Sum(s22), Lanes.Sum(s23));
        (sums[12], sums[13], sums[14], sums[15]) = (Lanes.Sum(s30), Lanes.Sum(s31), Lanes.Sum(s32), Lanes.Sum(s33));
    }

    private void SumRow(float* sums)
    {
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
        nint rowBytes = (nint)inputs * TWeight.Size;
        for (nint k = 0; k < depth; k += Lanes.Width)
        {
            var row = Vector512.Load(x + k);
            var at = w + k * TWeight.Size;
            s0 = Vector512.FusedMultiplyAdd(row, TWeight.Load(at), s0);
            s1 = Vector512.FusedMultiplyAdd(row, TWeight.Load(at + rowBytes), s1);
            s2 = Vector512.FusedMultiplyAdd(row, TWeight.Load(at + 2 * rowBytes), s2);
            s3 = Vector512.FusedMultiplyAdd(row, TWeight.Load(at + 3 * rowBytes), s3);
        }
        (sums[0], sums[1], sums[2], sums[3]) = (Lanes.Sum(s0), Lanes.Sum(s1), Lanes.Sum(s2), Lanes.Sum(s3));
    }

    private float SumOne(float* row)
    {
        var sum = Vector512<float>.Zero;
        for (nint k = 0; k < depth; k += Lanes.Width)
            sum = Vector512.FusedMultiplyAdd(Vector512.Load(row + k), TWeight.Load(w + k * TWeight.Size), sum);
        return Lanes.Sum(sum);
    }
}
