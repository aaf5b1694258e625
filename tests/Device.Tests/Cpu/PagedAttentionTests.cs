using Splitwiser.Gpu;
using Splitwiser.Gpu.Cpu;
using Splitwiser.Gpu.Kv;
using Splitwiser.Models;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Device.Tests.Cpu;

public sealed unsafe class PagedAttentionTests
{
    [Theory]
    [InlineData(4, 2, 16, null, null)]
    [InlineData(6, 6, 32, 40, null)]
    [InlineData(14, 2, 64, null, null)]
    [InlineData(3, 1, 20, 16, 2f)]
    [InlineData(20, 1, 24, 100, null)]
    [InlineData(4, 2, 32, null, 0.7f)]
    public void Every_position_attends_to_what_it_may_see(int heads, int kvHeads, int headSize, int? window, float? cap)
    {
        const int count = 150;
        using var rig = new OpRig(heads);
        using var sequences = new PagedSequences(kvHeads, headSize);
        var stride = (heads + 2 * kvHeads) * headSize;
        var qkv = rig.Numbers(count * stride);
        for (var i = 0; i < count * stride; i++) qkv[i] *= 3;

        // Written and read in two pieces, the second with a batch mate.
        float* y = rig.Poison((count + 1) * heads * headSize);
        var (sequence, other) = (sequences.New(count), sequences.New(1));
        Attend(sequences, [(sequence, 0, 97)], qkv, y, heads, kvHeads, headSize, window, cap);
        Attend(sequences, [(sequence, 97, count - 97), (other, 0, 1)], qkv + 97 * stride, y + 97 * heads * headSize, heads, kvHeads, headSize, window, cap, otherRow: qkv);

        for (var position = 0; position < count; position++)
            for (var head = 0; head < heads; head++)
                ShouldBeAttention(y + (position * heads + head) * headSize, qkv, position, head, heads, kvHeads, headSize, window ?? count, cap);
    }

    private static void Attend(
        PagedSequences sequences, (Sequence Sequence, int Offset, int Count)[] segments, float* qkv, float* y, int heads, int kvHeads, int headSize, int? window, float? cap, float* otherRow = null)
    {
        var stride = (heads + 2 * kvHeads) * headSize;
        var rows = new List<BatchRow>();
        var (spans, blocks) = (new List<RowSpan>(), new List<int> { 0 });
        foreach (var (sequence, offset, count) in segments)
        {
            spans.Add(new RowSpan(rows.Count, count));
            blocks.Add(blocks[^1] + PagedAttention.BlocksOf(count, heads, kvHeads));
            rows.AddRange(Enumerable.Range(offset, count).Select(position => new BatchRow(sequence, position, 0)));
        }
        using var rig = new OpRig(1);
        var copy = rig.Poison(rows.Count * stride);
        new ReadOnlySpan<float>(qkv, segments[0].Count * stride).CopyTo(new Span<float>(copy, segments[0].Count * stride));
        if (otherRow != null) new ReadOnlySpan<float>(otherRow, stride).CopyTo(new Span<float>(copy + segments[0].Count * stride, stride));
        var batch = rows.ToArray();
        float* keys = copy + heads * headSize, values = keys + kvHeads * headSize;
        OpRig.Run(new StoreKeyValues
        {
            Batch = batch, Keys = keys, Values = values, Stride = stride, Rows = batch.Length, KvHeads = kvHeads, HeadSize = headSize, Pages = sequences.Pages, Layer = 1,
        });
        OpRig.Run(new PagedAttention
        {
            Batch = batch, Spans = [.. spans], FirstBlocks = [.. blocks], SpanCount = spans.Count, Q = copy, QStride = stride, Y = y,
            Heads = heads, KvHeads = kvHeads, HeadSize = headSize, Window = window ?? int.MaxValue, Score = new AttentionScore(1 / MathF.Sqrt(headSize), cap), Pages = sequences.Pages, Layer = 1,
        });
    }

    private static void ShouldBeAttention(float* y, float* qkv, int position, int head, int heads, int kvHeads, int headSize, int window, float? cap)
    {
        var stride = (heads + 2 * kvHeads) * headSize;
        var kvHead = head / (heads / kvHeads);
        float* q = qkv + position * stride + head * headSize, keys = qkv + (heads + kvHead) * headSize, values = keys + kvHeads * headSize;
        var first = Math.Max(0, position - window + 1);
        var scores = new double[position + 1 - first];
        for (var j = 0; j < scores.Length; j++)
            for (var i = 0; i < headSize; i++) scores[j] += (double)q[i] * keys[(first + j) * stride + i] / Math.Sqrt(headSize);
        if (cap is { } c) scores = [.. scores.Select(score => c * Math.Tanh(score / c))];
        var maximum = scores.Max();
        var sum = scores.Sum(score => Math.Exp(score - maximum));
        for (var i = 0; i < headSize; i++)
        {
            var expected = 0.0;
            for (var j = 0; j < scores.Length; j++) expected += Math.Exp(scores[j] - maximum) / sum * values[(first + j) * stride + i];
            y[i].ShouldBe((float)expected, 1e-5f, $"position {position}, head {head}");
        }
    }

    /// <summary>Sequences with scattered pages of poison, of two layers.</summary>
    private sealed class PagedSequences : IDisposable
    {
        private readonly NativeArena arena = new();
        private int next = 63;

        public PagedSequences(int kvHeads, int headSize)
        {
            Pages = new KvPages(TestModel.Of(layers: 2, kvHeads, headSize), 64, arena);
            arena.Poison(float.NaN);
        }

        public KvPages Pages { get; }

        public Sequence New(int tokens)
        {
            var sequence = new Sequence(0, new int[tokens], tokens, SamplingParams.Greedy, tokens);
            while (sequence.PageCount < PageId.CountFor(tokens)) sequence.AddPage(new PageId(next -= 3));
            return sequence;
        }

        public void Dispose() => arena.Dispose();
    }

    private static class TestModel
    {
        public static ModelConfig Of(int layers, int kvHeads, int headSize) => new()
        {
            Family = ModelFamily.Llama, VocabularySize = 1, HiddenSize = 1, IntermediateSize = 1, LayerCount = layers, HeadCount = kvHeads, KvHeadCount = kvHeads,
            HeadSize = headSize, MaxPositions = 1024, NormEpsilon = 1e-5f, Rope = new RopeConfig(10000),
        };
    }
}
