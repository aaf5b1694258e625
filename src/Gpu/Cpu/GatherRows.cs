namespace Splitwiser.Gpu.Cpu;

/// <summary>y[i,:] = x[rows[i],:]: the rows that sample, side by side for the head. A part is 8 rows. Bound: memory, 8 * rows * dim bytes.</summary>
internal readonly unsafe struct GatherRows : IKernel
{
    private const int RowsPerPart = 8;

    /// <summary>(any, dim)</summary>
    public required float* X { get; init; }

    /// <summary>(rows) which of X.</summary>
    public required int[] From { get; init; }

    /// <summary>(rows, dim)</summary>
    public required float* Y { get; init; }

    public required int Rows { get; init; }
    public required int Dim { get; init; }

    public int Parts => (Rows + RowsPerPart - 1) / RowsPerPart;

    public void Part(int index)
    {
        for (var row = index * RowsPerPart; row < Math.Min(Rows, (index + 1) * RowsPerPart); row++)
            new ReadOnlySpan<float>(X + (long)From[row] * Dim, Dim).CopyTo(new Span<float>(Y + (long)row * Dim, Dim));
    }
}
