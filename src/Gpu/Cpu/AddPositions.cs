using System.Runtime.CompilerServices;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cpu;

/// <summary>Learned positions: y[t,:] += table[position[t] + offset,:]. A part is 8 rows. Bound: memory, 12 * rows * dim bytes.</summary>
internal readonly unsafe struct AddPositions : IKernel
{
    private const int RowsPerPart = 8;

    /// <summary>(positions + offset, dim)</summary>
    public required float* Table { get; init; }

    public required int TableRows { get; init; }
    public required int Offset { get; init; }

    /// <summary>(rows) whose positions count.</summary>
    public required BatchRow[] Batch { get; init; }

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
            // A step launched ahead of a sequence's end may lie past the table; nobody reads its result.
            var at = Math.Min(Batch[row].Position + Offset, TableRows - 1);
            AddRows.Add(Table + (long)at * Dim, Y + (long)row * Dim, Dim);
        }
    }
}
