using System.Runtime.CompilerServices;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cpu;

/// <summary>y[t,:] += x[t,:]. A part is 8 rows. Bound: memory, 12 * rows * dim bytes.</summary>
internal readonly unsafe struct AddRows : IKernel
{
    private const int RowsPerPart = 8;

    /// <summary>(rows, dim)</summary>
    public required float* X { get; init; }

    /// <summary>(rows, dim)</summary>
    public required float* Y { get; init; }

    public required int Rows { get; init; }
    public required int Dim { get; init; }

    public int Parts => (Rows + RowsPerPart - 1) / RowsPerPart;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Part(int index)
    {
        for (var row = index * RowsPerPart; row < Math.Min(Rows, (index + 1) * RowsPerPart); row++)
        {
            float* x = X + (long)row * Dim, y = Y + (long)row * Dim;
            for (var i = 0; i < Dim; i += Lanes.Width) Lanes.Store(Lanes.Load(y + i, Dim - i) + Lanes.Load(x + i, Dim - i), y + i, Dim - i);
        }
    }
}
