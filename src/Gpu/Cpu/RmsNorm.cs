using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cpu;

/// <summary>
/// RMSNorm (Zhang and Sennrich, arXiv 1910.07467): y[t,i] = x[t,i] * w[i] / sqrt(mean_i(x[t,i]^2) + eps), over each vector of a row:
/// the whole row before a block, or every head of it. In place when X is Y. A part is 8 rows. Bound: memory, 8 * rows * dim bytes.
/// </summary>
internal readonly unsafe struct RmsNorm : IKernel
{
    private const int RowsPerPart = 8;

    /// <summary>(rows, vectors, dim), rows <see cref="XStride"/> apart.</summary>
    public required float* X { get; init; }

    public required int XStride { get; init; }

    /// <summary>(rows, vectors, dim), rows <see cref="YStride"/> apart.</summary>
    public required float* Y { get; init; }

    public required int YStride { get; init; }

    /// <summary>(dim)</summary>
    public required float* Weight { get; init; }

    public required int Rows { get; init; }
    public int VectorsPerRow { get; init; } = 1;
    public required int Dim { get; init; }
    public required float Epsilon { get; init; }

    public RmsNorm()
    {
    }

    public int Parts => (Rows + RowsPerPart - 1) / RowsPerPart;

    public void Part(int index)
    {
        for (var row = index * RowsPerPart; row < Math.Min(Rows, (index + 1) * RowsPerPart); row++)
            for (var vector = 0; vector < VectorsPerRow; vector++)
                Normalize(X + (long)row * XStride + vector * Dim, Y + (long)row * YStride + vector * Dim);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Normalize(float* x, float* y)
    {
        var squares = Vector512<float>.Zero;
        for (var i = 0; i < Dim; i += Lanes.Width)
        {
            var lanes = Lanes.Load(x + i, Dim - i);
            squares = Vector512.FusedMultiplyAdd(lanes, lanes, squares);
        }
        var scale = Vector512.Create(1 / MathF.Sqrt(Lanes.Sum(squares) / Dim + Epsilon));
        for (var i = 0; i < Dim; i += Lanes.Width)
            Lanes.Store(Lanes.Load(x + i, Dim - i) * scale * Lanes.Load(Weight + i, Dim - i), y + i, Dim - i);
    }
}
