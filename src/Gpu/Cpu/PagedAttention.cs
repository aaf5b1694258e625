using System.Runtime.Intrinsics;
using Splitwiser.Gpu.Kv;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cpu;

/// <summary>
/// Causal attention over pages: y[t,h,:] = sum_j softmax_j(score(q[t,h,:] . k[j])) v[j], j from the window's start to t's position,
/// k and v of head h / (heads / kv heads). The softmax is online (Milakov and Gimelshein, arXiv 1805.02867), page after page in
/// absolute positions, so a row's bits do not depend on what is computed beside it.
/// </summary>
/// <remarks>
/// A part is a block of queries of one kv head: (row, head) pairs, up to four at a time against a page of which they see the same. Keys and
/// values of positions that a query does not see may be anything. Bound: arithmetic for long prompts, memory (8 * d bytes a position) in decode.
/// </remarks>
internal readonly unsafe struct PagedAttention : IKernel
{
    private const int QueriesPerBlock = 32;

    /// <summary>(rows)</summary>
    public required BatchRow[] Batch { get; init; }

    /// <summary>(spans) which rows belong together.</summary>
    public required RowSpan[] Spans { get; init; }

    /// <summary>(spans + 1) the first block of each, then the number of blocks, all for one kv head: see <see cref="BlocksOf"/>.</summary>
    public required int[] FirstBlocks { get; init; }

    public required int SpanCount { get; init; }

    /// <summary>(rows, heads, d), rows <see cref="QStride"/> apart.</summary>
    public required float* Q { get; init; }

    public required int QStride { get; init; }

    /// <summary>(rows, heads, d)</summary>
    public required float* Y { get; init; }

    public required int Heads { get; init; }
    public required int KvHeads { get; init; }
    public required int HeadSize { get; init; }

    /// <summary>How many positions a query sees, its own included.</summary>
    public required int Window { get; init; }

    public required AttentionScore Score { get; init; }
    public required KvPages Pages { get; init; }
    public required int Layer { get; init; }

    public int Parts => FirstBlocks[SpanCount] * KvHeads;

    private int HeadsPerKv => Heads / KvHeads;

    /// <summary>Blocks of a span of so many rows.</summary>
    public static int BlocksOf(int rows, int heads, int kvHeads) => (rows * (heads / kvHeads) + QueriesPerBlock - 1) / QueriesPerBlock;

    public void Part(int index)
    {
        var (block, kvHead) = (index / KvHeads, index % KvHeads);
        var found = Array.BinarySearch(FirstBlocks, 0, SpanCount, block);
        var at = found >= 0 ? found : ~found - 1;
        var span = Spans[at];
        var first = (block - FirstBlocks[at]) * QueriesPerBlock;
        Attend(span, kvHead, first, Math.Min(QueriesPerBlock, span.Count * HeadsPerKv - first));
    }

    /// <summary>Queries <paramref name="first"/> and on of a span, counted row by row, within a row by head.</summary>
    private void Attend(RowSpan span, int kvHead, int first, int count)
    {
        var stride = Pages.ValueStride;
        var states = stackalloc QueryState[QueriesPerBlock];
        var outputs = stackalloc float[(QueriesPerBlock + 1) * stride];
        new Span<float>(outputs, (QueriesPerBlock + 1) * stride).Clear();
        for (var i = 0; i < count; i++)
        {
            var (row, head) = QueryOf(span, kvHead, first + i);
            var position = Batch[row].Position;
            states[i] = new QueryState(Q + (long)row * QStride + head * HeadSize, outputs + i * stride, Math.Max(0, position - Window + 1), position + 1);
        }

        var pages = Batch[span.First].Sequence.Pages;
        for (var page = states[0].From / PageId.Size; page * PageId.Size < states[count - 1].To; page++)
        {
            float* keys = Pages.Keys(pages[page], Layer, kvHead), values = Pages.Values(pages[page], Layer, kvHead);
            for (var i = 0; i < count;)
            {
                var (from, to) = states[i].SeenOf(page);
                var alike = 1;
                while (alike < AttentionTile.Queries && i + alike < count && states[i + alike].SeenOf(page) == (from, to)) alike++;
                if (from < to) new AttentionTile(keys, values, HeadSize, Score, from, to).Add(states + i, alike, outputs + QueriesPerBlock * stride);
                i += alike;
            }
        }

        for (var i = 0; i < count; i++)
        {
            var (row, head) = QueryOf(span, kvHead, first + i);
            var y = Y + ((long)row * Heads + head) * HeadSize;
            var sum = Vector512.Create(states[i].Sum);
            for (var j = 0; j < HeadSize; j += Lanes.Width) Lanes.Store(Vector512.Load(states[i].Output + j) / sum, y + j, HeadSize - j);
        }
    }

    private (int Row, int Head) QueryOf(RowSpan span, int kvHead, int index) => (span.First + index / HeadsPerKv, kvHead * HeadsPerKv + index % HeadsPerKv);
}
