using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cpu;

/// <summary>
/// SwiGLU (Shazeer, arXiv 2002.05202): y[t,i] = silu(gate[t,i]) * up[t,i], silu(g) = g / (1 + e^-g). A part is about 16 k elements.
/// Bound: memory, 12 * rows * dim bytes.
/// </summary>
internal readonly unsafe struct SwiGlu : IKernel
{
    private const int ElementsPerPart = 1 << 14;

    /// <summary>(rows, 2, dim) gate, then up.</summary>
    public required float* GateUp { get; init; }

    /// <summary>(rows, dim)</summary>
    public required float* Y { get; init; }

    public required int Rows { get; init; }
    public required int Dim { get; init; }

    public int Parts => (Rows + RowsPerPart - 1) / RowsPerPart;

    private int RowsPerPart => Math.Max(1, ElementsPerPart / Dim);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Part(int index)
    {
        for (var row = index * RowsPerPart; row < Math.Min(Rows, (index + 1) * RowsPerPart); row++)
        {
            var gate = GateUp + (long)row * 2 * Dim;
            var y = Y + (long)row * Dim;
            for (var i = 0; i < Dim; i += Lanes.Width)
            {
                var g = Lanes.Load(gate + i, Dim - i);
                var silu = g / (Vector512<float>.One + Lanes.Exp(-g));
                Lanes.Store(silu * Lanes.Load(gate + Dim + i, Dim - i), y + i, Dim - i);
            }
        }
    }
}
