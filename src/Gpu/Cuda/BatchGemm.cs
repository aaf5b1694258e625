using System.Runtime.InteropServices;

namespace Splitwiser.Gpu.Cuda;

/// <summary>
/// Y = X W^T (+ bias) for a batch of decode rows by BatchGemm.cu, for one lane at one place: as many blocks as it has multiprocessors,
/// each with the same share of the weights.
/// </summary>
/// <param name="parts">Scratch of <see cref="PartBytes"/>, the lane's own.</param>
/// <param name="tickets">An int for each tile of the largest matrix, zero between products.</param>
internal sealed class BatchGemm(ModelKernels kernels, ulong parts, ulong tickets, int blocks)
{
    public const int MostRows = 128;

    /// <summary>Outputs that a block adds up at once.</summary>
    public const int Tile = 128;

    private const int Piece = 64, Threads = 288;

    private readonly Dictionary<(ulong Address, int Rows, int Columns), TensorMap> maps = [];

    /// <summary>The rows that the kernel is compiled for; a batch is padded to one of them.</summary>
    public static int[] Variants { get; } = [32, 64, MostRows];

    public static int TicketsFor(int outputs) => (outputs + Tile - 1) / Tile;

    public static long PartBytes(int blocks) => 2L * blocks * Tile * MostRows * sizeof(float);

    /// <summary>Dynamic shared memory: the ring, its barriers, and room to align them.</summary>
    public static int SharedBytes(int variant)
    {
        var stages = variant > 64 ? 6 : variant > 32 ? 8 : 10;
        return stages * ((Tile + variant) * Piece * 2 + 16) + 1024;
    }

    /// <summary>Whether the kernel takes this product; otherwise it is cuBLASLt's.</summary>
    public static bool Takes(in DeviceMatrix w, int rows) => rows <= MostRows && w.Inputs % Piece == 0;

    /// <summary>Every block has a piece at least.</summary>
    public static int BlocksFor(in DeviceMatrix w, int most) => Math.Min(most, TicketsFor(w.Outputs) * (w.Inputs / Piece));

    public void Run(CudaStream stream, in DeviceMatrix w, ulong x, ulong y, int rows, bool wide)
    {
        var index = Array.FindIndex(Variants, variant => rows <= variant);
        var variant = Variants[index];
        kernels.BatchGemms[index].Launch(stream, new Grid(BlocksFor(w, blocks)), Threads,
            new BatchGemmParams(Map(w.Weight, w.Outputs, w.Inputs, Tile), Map(x, rows, w.Inputs, variant), w.Bias, y, parts, tickets, rows, w.Outputs, w.Inputs, wide ? 1 : 0),
            SharedBytes(variant), overlap: true);
    }

    private ref readonly TensorMap Map(ulong address, int rows, int columns, int boxRows)
    {
        ref var map = ref CollectionsMarshal.GetValueRefOrAddDefault(maps, (address, rows, columns), out var known);
        if (!known) map = TensorMap.Of(address, rows, columns, boxRows);
        return ref map;
    }
}
