namespace Splitwiser.Gpu.Cuda;

/// <summary>The size and kind of a matrix product: what an algorithm is chosen for.</summary>
/// <param name="Rows">Of X and Y.</param>
/// <param name="Outputs">Columns of Y.</param>
/// <param name="Inputs">Columns of X.</param>
/// <param name="Wide">Y is f32 instead of bf16.</param>
/// <param name="Processors">Multiprocessors that it runs on; 0 for the whole device.</param>
internal readonly record struct Product(int Rows, int Outputs, int Inputs, bool Wide, bool Biased, int Processors = 0)
{
    /// <summary>Products run with this many rows at least; the ones past the last are computed and not read.</summary>
    public static int PaddedRows(int rows) => rows <= 64 ? (rows + 15) / 16 * 16 : rows <= 1024 ? (rows + 63) / 64 * 64 : (rows + 127) / 128 * 128;

    /// <summary>All that there are, up to so many.</summary>
    public static IEnumerable<int> AllPaddedRows(int most)
    {
        for (var rows = PaddedRows(1); rows <= most; rows = PaddedRows(rows + 1)) yield return rows;
    }

    /// <summary>Those that products of up to so many rows run with: the last is <paramref name="most"/> padded.</summary>
    public static IEnumerable<int> PaddedRowsOfUpTo(int most) => AllPaddedRows(PaddedRows(most));

    // Close together where mixed steps are: an algorithm whose tiles suit 1,024 rows wastes a third of them on 576.
    private static readonly int[] Timed = [16, 32, 48, 64, 128, 192, 256, 320, 384, 448, 512, 576, 640, 704, 768, 896, 1024, 1152, 1280, 1536, 1792, 2048, 2560, 3072, 4096, 6144, 8192, 16384];

    // No mixed steps there, and many shares.
    private static readonly int[] TimedOnShares = [16, 32, 48, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384];

    /// <summary>Row counts that algorithms are timed at.</summary>
    /// <param name="share">On a share of the device.</param>
    public static IEnumerable<int> TimedRows(int most, bool share = false) => (share ? TimedOnShares : Timed).Where(rows => rows <= most);

    /// <summary>The same product at the row count that its algorithm was timed at.</summary>
    public Product AsTimed()
    {
        var timed = 0;
        foreach (var candidate in TimedRows(int.MaxValue, Processors > 0))
        {
            timed = candidate;
            if (candidate >= Rows) break;
        }
        return this with { Rows = timed };
    }
}
