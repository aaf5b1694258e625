using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
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
/// their own type. Each output sums k in one order - sixteen lanes over 2048 inputs, lanes folded, depth added to
/// depth - whatever rows and outputs are computed beside it. A part is a block of outputs times a block of rows.
/// </summary>
/// <remarks>Bound: memory for few rows (weights once), arithmetic for many (2 * rows * outputs * inputs flop).</remarks>
internal readonly unsafe struct MatMul : IKernel
{
    private const int Depth = 2048;                 // inputs whose products are summed in registers: four rows of x of it stay in the L1 cache
    private const int Tile = MatMulTile.Size;
    private const int FewRows = 8;                  // up to here the weights are the traffic
    private const int FewRowsWeights = 1 << 17;     // of a part; long enough that fetching past a part's end costs little
    private const int ManyRowsWeights = 1 << 16;    // of a part, one depth of it: 128 KiB of bf16 stay in the L2 cache
    private const int RowsPerPart = 256;
    private const int Ahead = 8192;                 // bytes; a single row reads weights as fast as a plain loop does from here on

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
    private int OutputsPerPart => Math.Max(16, (Rows <= FewRows ? FewRowsWeights / Inputs : ManyRowsWeights / Math.Min(Inputs, Depth)) / Tile * Tile);

    private int OutputBlocks(in Projection projection) => (projection.Matrix.Outputs + OutputsPerPart - 1) / OutputsPerPart;

    public void Part(int index)
    {
        var (block, rowBlock) = (index / RowBlocks, index % RowBlocks);     // neighbours share weights
        var (first, second) = (OutputBlocks(First), OutputBlocks(Second));
        if (block < first) Compute(First, block, rowBlock);
        else if (block < first + second) Compute(Second, block - first, rowBlock);
        else Compute(Third, block - first - second, rowBlock);
    }

    private void Compute(in Projection projection, int outputBlock, int rowBlock)
    {
        var block = new Block(
            projection, rowBlock * RowsPerPart, Math.Min(Rows, (rowBlock + 1) * RowsPerPart),
            outputBlock * OutputsPerPart, Math.Min(projection.Matrix.Outputs, (outputBlock + 1) * OutputsPerPart));
        if (projection.Matrix.Type == ElementType.BF16) Compute<Brain16>(block);
        else Compute<Single32>(block);
    }

    /// <summary>Whole vectors of inputs first, for one row or for several, then what is left of them.</summary>
    private void Compute<TWeight>(Block block) where TWeight : struct, IWeightFormat
    {
        Begin(block);
        var whole = Inputs / Lanes.Width * Lanes.Width;
        if (Rows == 1) AddRow<TWeight>(block, whole);
        else AddTiles<TWeight>(block, whole);
        if (whole < Inputs) AddRest<TWeight>(block, whole);
    }

    /// <summary>Sets the sums to zero, or leaves what they accumulate to, and adds the bias.</summary>
    private void Begin(in Block block)
    {
        var bias = block.Projection.Matrix.Bias;
        for (var row = block.FirstRow; row < block.LastRow; row++)
        {
            var y = block.Projection.Y + (long)row * YStride;
            for (var output = block.FirstOutput; output < block.LastOutput; output++)
                y[output] = (Accumulates ? y[output] : 0) + (bias == null ? 0 : bias[output]);
        }
    }

    /// <summary>
    /// One row reads the matrix in its own order, with nothing between two outputs but a sum of lanes: a call there costs a fifth of the
    /// read rate.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddRow<TWeight>(in Block block, int whole) where TWeight : struct, IWeightFormat
    {
        var (inputs, outputs) = ((nint)Inputs, block.Outputs);
        var weights = block.Projection.Matrix.Data + block.FirstOutput * inputs * TWeight.Size;
        var y = block.Projection.Y + (long)block.FirstRow * YStride + block.FirstOutput;
        for (var output = 0; output < outputs; output++, weights += inputs * TWeight.Size)
        {
            for (nint input = 0; input < whole; input += Depth)
            {
                var sum = Vector512<float>.Zero;
                var end = Math.Min(input + Depth, whole);
                for (var k = input; k < end; k += Lanes.Width)
                {
                    sum = Vector512.FusedMultiplyAdd(Vector512.Load(X + k), TWeight.Load(weights + k * TWeight.Size), sum);
                    FromMemory.Expect(weights + k * TWeight.Size + Ahead);
                }

                y[output] += Lanes.Sum(sum);
            }
        }
    }

    /// <summary>Few rows read the matrix in its own order, a tile's rows to their ends; many take one depth of the block after the other.</summary>
    private void AddTiles<TWeight>(in Block block, int whole) where TWeight : struct, IWeightFormat
    {
        var step = Rows <= FewRows ? Tile : block.Outputs;
        for (var output = block.FirstOutput; output < block.LastOutput; output += step)
            for (var input = 0; input < whole; input += Depth)
                AddDepth<TWeight>(block with { FirstOutput = output, LastOutput = Math.Min(block.LastOutput, output + step) }, input, Math.Min(Depth, whole - input));
    }

    /// <summary>Adds the products of some inputs, tile by tile.</summary>
    private void AddDepth<TWeight>(in Block block, int input, int depth) where TWeight : struct, IWeightFormat
    {
        var weights = block.Projection.Matrix.Data + (long)input * TWeight.Size;
        for (var row = block.FirstRow; row < block.LastRow; row += Tile)
        {
            var rows = Math.Min(Tile, block.LastRow - row);
            for (var output = block.FirstOutput; output < block.LastOutput; output += Tile)
            {
                var tile = new MatMulTile<TWeight>
                {
                    X = X + (long)row * Inputs + input, W = weights + (long)output * Inputs * TWeight.Size, Inputs = Inputs, Depth = depth,
                    Y = block.Projection.Y + (long)row * YStride + output, YStride = YStride,
                };
                var outputs = Math.Min(Tile, block.LastOutput - output);
                if (row == block.FirstRow) tile.Add<FromMemory>(rows, outputs);
                else tile.Add<FromCache>(rows, outputs);
            }
        }
    }

    /// <summary>Adds the products of the last inputs, too few for a vector, one by one.</summary>
    private void AddRest<TWeight>(in Block block, int input) where TWeight : struct, IWeightFormat
    {
        for (var row = block.FirstRow; row < block.LastRow; row++)
        {
            for (var output = block.FirstOutput; output < block.LastOutput; output++)
            {
                var weights = block.Projection.Matrix.Data + (long)output * Inputs * TWeight.Size;
                ref var y = ref block.Projection.Y[(long)row * YStride + output];
                for (var k = input; k < Inputs; k++) y = MathF.FusedMultiplyAdd(X[(long)row * Inputs + k], TWeight.LoadOne(weights + k * TWeight.Size), y);
            }
        }
    }

    /// <summary>Rows and outputs from the first to before the last.</summary>
    private readonly record struct Block(Projection Projection, int FirstRow, int LastRow, int FirstOutput, int LastOutput)
    {
        public int Outputs => LastOutput - FirstOutput;
    }
}
