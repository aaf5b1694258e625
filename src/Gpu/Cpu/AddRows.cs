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
            Add(X + (long)row * Dim, Y + (long)row * Dim, Dim);
    }

    /// <summary>y[i] += x[i]</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Add(float* x, float* y, int dim)
    {
        for (var i = 0; i < dim; i += Lanes.Width) Lanes.Store(Lanes.Load(y + i, dim - i) + Lanes.Load(x + i, dim - i), y + i, dim - i);
    }
}
