using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cpu;

/// <summary>
/// The MLP's activation: y[t,i] = f(x[t,i]), or gated (Shazeer, arXiv 2002.05202): y[t,i] = f(gate[t,i]) * up[t,i]. A part is about
/// 16 k elements. Bound: memory, 8 or 12 * rows * dim bytes.
/// </summary>
internal readonly unsafe struct Activate<TFunction> : IKernel where TFunction : struct, IActivationFunction
{
    private const int ElementsPerPart = 1 << 14;

    /// <summary>(rows, dim), or (rows, 2, dim) gate, then up.</summary>
    public required float* X { get; init; }

    /// <summary>(rows, dim)</summary>
    public required float* Y { get; init; }

    public required int Rows { get; init; }
    public required int Dim { get; init; }
    public required bool Gated { get; init; }

    public int Parts => (Rows + RowsPerPart - 1) / RowsPerPart;

    private int RowsPerPart => Math.Max(1, ElementsPerPart / Dim);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Part(int index)
    {
        for (var row = index * RowsPerPart; row < Math.Min(Rows, (index + 1) * RowsPerPart); row++)
        {
            var x = X + (long)row * (Gated ? 2 : 1) * Dim;
            var y = Y + (long)row * Dim;
            for (var i = 0; i < Dim; i += Lanes.Width)
            {
                var bent = TFunction.Of(Lanes.Load(x + i, Dim - i));
                Lanes.Store(Gated ? bent * Lanes.Load(x + Dim + i, Dim - i) : bent, y + i, Dim - i);
            }
        }
    }
}
