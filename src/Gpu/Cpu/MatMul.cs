using Splitwiser.Models;

namespace Splitwiser.Gpu.Cpu;

/// <summary>One matrix of a <see cref="MatMul"/> and where its outputs go: (rows, outputs), rows the kernel's YStride apart.</summary>
internal readonly unsafe struct Projection(in Matrix matrix, float* y)
{
    public readonly Matrix Matrix = matrix;
    public readonly float* Y = y;
}

/// <summary>
/// Matrix product: y[t,n] = sum_k x[t,k] w[n,k] (+ bias[n]), or added to what y holds; up to three matrices share x. Weights are read in
/// their own type. Each output sums k in one order - sixteen lanes over <see cref="Depth"/> inputs, lanes folded, depth added to
/// depth - whatever rows and outputs are computed beside it. A part is a block of outputs times a block of rows.
/// </summary>
/// <remarks>Bound: memory for few rows (weights once), arithmetic for many (2 * rows * outputs * inputs flop).</remarks>
internal readonly unsafe struct MatMul : IKernel
{
    /// <summary>Inputs whose products are summed in registers: four rows of x of this depth stay in the L1 cache.</summary>
    private const int Depth = 2048;

    private const int FewRows = 8;                  // up to here weights are the traffic, and are read row by row
    private const int RowsPerPart = 256;
    private const int WeightsPerPart = 1 << 16;     // a block of outputs and one depth of it: 256 KiB of bf16 in the L2 cache

    /// <summary>(rows, inputs)</summary>
    public required float* X { get; init; }

    public required int Rows { get; init; }
    public required int YStride { get; init; }
    public required Projection First { get; init; }
    public Projection Second { get; init; }
    public Projection Third { get; init; }

    /// <summary>Adds to Y instead of setting it.</summary>
    public bool Accumulates { get; init; }

    public int Parts => RowBlocks * (OutputBlocks(First) + OutputBlocks(Second) + OutputBlocks(Third));

    private int Inputs => First.Matrix.Inputs;
    private int RowBlocks => (Rows + RowsPerPart - 1) / RowsPerPart;
    private int OutputsPerPart => Math.Max(16, WeightsPerPart / (Rows <= FewRows ? Inputs : Math.Min(Inputs, Depth)) / 4 * 4);

    private int OutputBlocks(in Projection projection) => (projection.Matrix.Outputs + OutputsPerPart - 1) / OutputsPerPart;

    public void Part(int index)
    {
        var (block, rowBlock) = (index / RowBlocks, index % RowBlocks);     // neighbours share weights
        var (first, second) = (OutputBlocks(First), OutputBlocks(Second));
        if (block < first) Compute(First, block, rowBlock);
        else if (block < first + second) Compute(Second, block - first, rowBlock);
        else Compute(Third, block - first - second, rowBlock);
    }

    private void Compute(in Projection projection, int block, int rowBlock)
    {
        if (projection.Matrix.Type == ElementType.BF16) Compute<Brain16>(projection, block, rowBlock);
        else Compute<Single32>(projection, block, rowBlock);
    }

    private void Compute<TWeight>(in Projection projection, int block, int rowBlock) where TWeight : struct, IWeightFormat
    {
        var (firstRow, lastRow) = (rowBlock * RowsPerPart, Math.Min(Rows, (rowBlock + 1) * RowsPerPart));
        var (begin, end) = (block * OutputsPerPart, Math.Min(projection.Matrix.Outputs, (block + 1) * OutputsPerPart));
        var step = lastRow - firstRow <= FewRows ? MatMulTile<TWeight>.Outputs : end - begin;
        var whole = Inputs / Lanes.Width * Lanes.Width;
        for (var output = begin; output < end; output += step)
        {
            var next = Math.Min(end, output + step);
            Begin(projection, firstRow, lastRow, output, next);
            for (var start = 0; start < whole; start += Depth) AddDepth<TWeight>(projection, firstRow, lastRow, output, next, start, Math.Min(Depth, whole - start));
            if (whole < Inputs) AddRest<TWeight>(projection, firstRow, lastRow, output, next, whole);
        }
    }

    /// <summary>Sets the sums to zero, or leaves what they accumulate to, and adds the bias.</summary>
    private void Begin(in Projection projection, int firstRow, int lastRow, int begin, int end)
    {
        for (var row = firstRow; row < lastRow; row++)
        {
            var y = projection.Y + (long)row * YStride;
            for (var output = begin; output < end; output++)
                y[output] = (Accumulates ? y[output] : 0) + (projection.Matrix.Bias == null ? 0 : projection.Matrix.Bias[output]);
        }
    }

    /// <summary>Adds the products of one depth, tile by tile.</summary>
    private void AddDepth<TWeight>(in Projection projection, int firstRow, int lastRow, int begin, int end, int start, int depth) where TWeight : struct, IWeightFormat
    {
        for (var row = firstRow; row < lastRow;)
        {
            var rows = Math.Min(MatMulTile<TWeight>.Rows, lastRow - row);
            for (var output = begin; output < end;)
            {
                var outputs = end - output >= MatMulTile<TWeight>.Outputs ? MatMulTile<TWeight>.Outputs : 1;
                var weights = projection.Matrix.Data + ((long)output * Inputs + start) * TWeight.Size;
                var tile = new MatMulTile<TWeight>(X + (long)row * Inputs + start, weights, Inputs, depth, projection.Y + (long)row * YStride + output, YStride);
                if (row == firstRow) tile.Add<FromMemory>(rows, outputs);
                else tile.Add<FromCache>(rows, outputs);
                output += outputs;
            }
            row += rows;
        }
    }

    /// <summary>Adds the last inputs, too few for a vector, one by one.</summary>
    private void AddRest<TWeight>(in Projection projection, int firstRow, int lastRow, int begin, int end, int start) where TWeight : struct, IWeightFormat
    {
        for (var row = firstRow; row < lastRow; row++)
        {
            for (var output = begin; output < end; output++)
            {
                var weights = projection.Matrix.Data + (long)output * Inputs * TWeight.Size;
                ref var y = ref projection.Y[(long)row * YStride + output];
                for (var k = start; k < Inputs; k++) y = MathF.FusedMultiplyAdd(X[(long)row * Inputs + k], TWeight.LoadOne(weights + k * TWeight.Size), y);
            }
        }
    }
}
