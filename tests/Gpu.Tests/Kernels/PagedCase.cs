using Splitwiser.Gpu.Cuda;
using Splitwiser.Gpu.Kv;

namespace Splitwiser.Gpu.Tests.Kernels;

/// <summary>Random keys and values of some sequences in scattered pages, with NaN wherever no key was written, and attention over them in doubles.</summary>
internal sealed class PagedCase
{
    public PagedCase(Numbers numbers, int heads, int kvHeads, int headSize, params int[] keyCounts)
    {
        (Heads, KvHeads, HeadSize) = (heads, kvHeads, headSize);
        var pageCount = keyCounts.Sum(PageId.CountFor) + 3;
        var ids = Enumerable.Range(0, pageCount).ToArray();
        numbers.Shuffle(ids);
        Pages = new ushort[pageCount * PageElements];      // zeros, as the runner clears its pool
        var next = 0;
        Tables = [.. keyCounts.Select(keys => ids[next..(next += PageId.CountFor(keys))])];
        for (var sequence = 0; sequence < keyCounts.Length; sequence++)
            for (var key = 0; key < keyCounts[sequence]; key++)
                for (var kvHead = 0; kvHead < kvHeads; kvHead++)
                {
                    numbers.Bf16s(headSize).CopyTo(Pages, At(sequence, key, kvHead, value: false));
                    numbers.Bf16s(headSize).CopyTo(Pages, At(sequence, key, kvHead, value: true));
                }
    }

    public int Heads { get; }
    public int KvHeads { get; }
    public int HeadSize { get; }

    /// <summary>[page][K, V][kv head][token][head size]</summary>
    public ushort[] Pages { get; }

    /// <summary>By sequence.</summary>
    public int[][] Tables { get; }

    public int PageElements => 2 * KvHeads * PageId.Size * HeadSize;

    /// <summary>Soft cap of the scores; 0 for none.</summary>
    public float Cap { get; init; }

    /// <summary>By which scores become exponents of 2.</summary>
    public float Scale => Cap > 0 ? Log2E : Log2E / MathF.Sqrt(HeadSize);

    public ScoreCap ScoreCap => Cap > 0 ? new ScoreCap(Cap, 2 * Log2E / MathF.Sqrt(HeadSize) / Cap) : default;

    private const float Log2E = 1.4426950408889634f;

    public int At(int sequence, int key, int kvHead, bool value) =>
        ((Tables[sequence][key / PageId.Size] * 2 + (value ? 1 : 0)) * KvHeads + kvHead) * PageId.Size * HeadSize + key % PageId.Size * HeadSize;

    /// <summary>The page tables one after the other, and where each starts.</summary>
    public (int[] Lists, int[] Starts) Lists()
    {
        var starts = new int[Tables.Length];
        for (var i = 1; i < starts.Length; i++) starts[i] = starts[i - 1] + Tables[i - 1].Length;
        return ([.. Tables.SelectMany(table => table)], starts);
    }

    /// <summary>The prompt parts as the prefill kernel gets them, one after the other, and the tiles of their rows.</summary>
    /// <param name="starts">Of the parts' page tables in the list.</param>
    public static (SegmentRecord[] Segments, List<RowTile> Tiles) Cut((int Offset, int Count)[] parts, int[] starts)
    {
        var segments = new SegmentRecord[parts.Length];
        var tiles = new List<RowTile>();
        for (int i = 0, row = 0; i < parts.Length; row += parts[i++].Count)
        {
            segments[i] = new SegmentRecord(row, parts[i].Count, parts[i].Offset, starts[i]);
            for (var first = 0; first < parts[i].Count; first += RowTile.Rows) tiles.Add(new RowTile(i, first));
        }

        return (segments, tiles);
    }

    /// <summary>(heads, head size) what the row at this position attends to.</summary>
    /// <param name="query">(heads, head size)</param>
    public double[] Attend(ReadOnlySpan<ushort> query, int sequence, int position, int window)
    {
        var output = new double[Heads * HeadSize];
        var q = Numbers.Widen(query.ToArray());
        for (var head = 0; head < Heads; head++)
        {
            var kvHead = head / (Heads / KvHeads);
            var first = window > 0 ? Math.Max(0, position - window + 1) : 0;
            var scores = new double[position + 1 - first];
            for (var j = 0; j < scores.Length; j++)
                for (var d = 0; d < HeadSize; d++)
                    scores[j] += q[head * HeadSize + d] * Bf16.Widen(Pages[At(sequence, first + j, kvHead, false) + d]) / Math.Sqrt(HeadSize);
            if (Cap > 0) scores = [.. scores.Select(score => Cap * Math.Tanh(score / Cap))];
            var top = scores.Max();
            var sum = scores.Sum(score => Math.Exp(score - top));
            for (var j = 0; j < scores.Length; j++)
                for (var d = 0; d < HeadSize; d++)
                    output[head * HeadSize + d] += Math.Exp(scores[j] - top) / sum * Bf16.Widen(Pages[At(sequence, first + j, kvHead, true) + d]);
        }
        return output;
    }
}
