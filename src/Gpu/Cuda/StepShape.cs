namespace Splitwiser.Gpu.Cuda;

/// <summary>Everything that decides which kernels a step launches with which grids. Steps of the same shape can share a graph.</summary>
/// <param name="Tokens">Positions computed, padding included.</param>
/// <param name="Rows">Rows sampled, padding included.</param>
/// <param name="Decodes">Rows of decode attention, padding included.</param>
/// <param name="Segments">Prefill segments.</param>
/// <param name="Tiles">Blocks of prefill attention per head.</param>
/// <param name="Split">How decode attention shares the keys.</param>
/// <param name="Layers">The layers to compute.</param>
/// <param name="Draws">Some row needs more than the greedy scan.</param>
/// <param name="Whole">One kernel computes the step up to its logits.</param>
/// <param name="IsProbed">Some prompt's probe wants positions of it.</param>
/// <param name="Pools">Sums of hidden states that probes want.</param>
/// <param name="Scores">Positions whose next tokens probes want to have scored.</param>
internal readonly record struct StepShape(int Tokens, int Rows, int Decodes, int Segments, int Tiles, KeySplit Split, LayerRange Layers, bool Draws, bool Whole = false, bool IsProbed = false, int Pools = 0, int Scores = 0)
{
    /// <summary>A step of decode rows only.</summary>
    public bool IsDecode => Segments == 0;

    /// <summary>Batch sizes that decode steps are padded to.</summary>
    public static int PaddedRows(int rows, int most) => Math.Min(most, rows switch
    {
        <= 2 => rows,
        <= 4 => 4,
        <= 32 => (rows + 7) / 8 * 8,
        <= 128 => (rows + 15) / 16 * 16,
        _ => (rows + 31) / 32 * 32,
    });
}

/// <summary>Decode attention gives every block this many keys of a row.</summary>
internal readonly record struct KeySplit(int Keys, int Splits)
{
    private const int FewestKeys = 128;           // less does not pay for joining
    private const int MostKeys = 2048;            // more would leave one long row to one processor
    private const int Granularity = 64;
    private const int FewestFixedKeys = 512, MostFixedSplits = 32;
    private const int Partials = 1024;            // of (row, split) pairs, where there are not more rows

    /// <param name="rows">Decode rows of the step.</param>
    /// <param name="mostKeys">Keys of the longest of them.</param>
    public static KeySplit For(int rows, int kvHeads, int mostKeys, int processors)
    {
        var keys = Math.Max(256, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)mostKeys));     // graphs are shared within a power of two
        var wanted = Math.Max(processors / (rows * kvHeads), (keys + MostKeys - 1) / MostKeys);
        wanted = Math.Clamp(Math.Min(wanted, Partials / rows), 1, keys / FewestKeys);
        if (wanted == 1) return new KeySplit(MostKeys, 1);      // one shape for all of them
        var share = (keys / wanted + Granularity - 1) / Granularity * Granularity;
        return new KeySplit(share, (keys + share - 1) / share);
    }

    /// <summary>The same share for every row of every step: a row's sums don't depend on the others.</summary>
    /// <param name="modelLength">Most keys that a row can have.</param>
    public static KeySplit Fixed(int mostKeys, int modelLength)
    {
        var share = FixedShare(modelLength);
        var keys = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)mostKeys);
        return new KeySplit(share, (keys + share - 1) / share);
    }

    /// <summary>Most (row, split) pairs of any step.</summary>
    public static int MostPartials(int maxRows) => 2 * Math.Max(maxRows, Partials);

    /// <summary>The same with fixed shares.</summary>
    public static int MostFixedPartials(int maxRows, int modelLength) => maxRows * 2 * ((modelLength + FixedShare(modelLength) - 1) / FixedShare(modelLength));

    private static int FixedShare(int modelLength) => Math.Max(FewestFixedKeys, (modelLength / MostFixedSplits + Granularity - 1) / Granularity * Granularity);
}
