using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cpu;

/// <summary>Soft cap (Gemma 2, arXiv 2408.00118), in place: x[t,i] = cap * tanh(x[t,i] / cap). A part is a row. Bound: memory, 8 * rows * dim bytes.</summary>
internal readonly unsafe struct CapLogits : IKernel
{
    /// <summary>(rows, dim)</summary>
    public required float* X { get; init; }

    public required int Rows { get; init; }
    public required int Dim { get; init; }
    public required float Cap { get; init; }

    public int Parts => Rows;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Part(int index)
    {
        var x = X + (long)index * Dim;
        for (var i = 0; i < Dim; i += Lanes.Width)
            Lanes.Store(Vector512.Create(Cap) * Lanes.Tanh(Lanes.Load(x + i, Dim - i) / Vector512.Create(Cap)), x + i, Dim - i);
    }
}
