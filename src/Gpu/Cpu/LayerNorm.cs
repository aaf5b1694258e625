using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cpu;

/// <summary>
/// LayerNorm (Ba, Kiros and Hinton, arXiv 1607.06450): y[t,i] = (x[t,i] - mean_t) / sqrt(var_t + eps) * w[i] + b[i]. In place when X is Y.
/// A part is 8 rows. Bound: memory, 8 * rows * dim bytes.
/// </summary>
internal readonly unsafe struct LayerNorm : IKernel
{
    private const int RowsPerPart = 8;

    /// <summary>(rows, dim)</summary>
    public required float* X { get; init; }

    /// <summary>(rows, dim)</summary>
    public required float* Y { get; init; }

    /// <summary>(dim)</summary>
    public required float* Weight { get; init; }

    /// <summary>(dim) or null for none.</summary>
    public required float* Bias { get; init; }

    public required int Rows { get; init; }
    public required int Dim { get; init; }
    public required float Epsilon { get; init; }

    public int Parts => (Rows + RowsPerPart - 1) / RowsPerPart;

    public void Part(int index)
    {
        for (var row = index * RowsPerPart; row < Math.Min(Rows, (index + 1) * RowsPerPart); row++)
            Normalize(X + (long)row * Dim, Y + (long)row * Dim);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Normalize(float* x, float* y)
    {
        var sums = Vector512<float>.Zero;
        for (var i = 0; i < Dim; i += Lanes.Width) sums += Lanes.Load(x + i, Dim - i);
        var mean = Lanes.Sum(sums) / Dim;
        var squares = Vector512<float>.Zero;
        for (var i = 0; i < Dim; i += Lanes.Width)
        {
            var distance = Lanes.Load(x + i, Dim - i) - Vector512.Create(mean);
            if (Dim - i < Lanes.Width)      // lanes past the end are not part of it
                distance = Vector512.ConditionalSelect(Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(Dim - i)).AsSingle(), distance, Vector512<float>.Zero);
            squares = Vector512.FusedMultiplyAdd(distance, distance, squares);
        }
        var scale = Vector512.Create(1 / MathF.Sqrt(Lanes.Sum(squares) / Dim + Epsilon));
        for (var i = 0; i < Dim; i += Lanes.Width)
        {
            var normal = (Lanes.Load(x + i, Dim - i) - Vector512.Create(mean)) * scale * Lanes.Load(Weight + i, Dim - i);
            Lanes.Store(Bias == null ? normal : normal + Lanes.Load(Bias + i, Dim - i), y + i, Dim - i);
        }
    }
}
