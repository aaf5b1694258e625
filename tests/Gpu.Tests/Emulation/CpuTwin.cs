using Splitwiser.Gpu.Cpu;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Tests.Kernels;
using Splitwiser.Models;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Gpu.Tests.Emulation;

/// <summary>The CPU runner's operations on the numbers that an emulated kernel gets.</summary>
internal sealed unsafe class CpuTwin : IDisposable
{
    private readonly NativeArena arena = new();

    public static ModelConfig Shape(int heads, int kvHeads, int headSize) => Card.Shape(headSize) with { HeadCount = heads, KvHeadCount = kvHeads };

    public float* Floats(ReadOnlySpan<ushort> values)
    {
        var floats = arena.Floats(values.Length);
        for (var i = 0; i < values.Length; i++) floats[i] = Bf16.Widen(values[i]);
        return floats;
    }

    public float* Room(int count)
    {
        var floats = arena.Floats(count);
        new Span<float>(floats, count).Fill(float.NaN);
        return floats;
    }

    public Matrix Matrix(ushort[] weights, int outputs, int inputs, ushort[]? bias)
    {
        var copy = (ushort*)arena.Floats((weights.Length + 1) / 2);
        weights.CopyTo(new Span<ushort>(copy, weights.Length));
        return new Matrix((byte*)copy, ElementType.BF16, outputs, inputs, bias is null ? null : Floats(bias));
    }

    public static void Run<TKernel>(TKernel kernel) where TKernel : struct, IKernel
    {
        for (var part = 0; part < kernel.Parts; part++) kernel.Part(part);
    }

    public static double[] Doubles(float* values, int count) => [.. new ReadOnlySpan<float>(values, count).ToArray().Select(value => (double)value)];

    /// <summary>Attention of some rows of one of the case's sequences: (count, heads, head size).</summary>
    /// <param name="qkv">Rows of the fused projection.</param>
    public double[] Attend(PagedCase pages, int sequence, int offset, int count, ReadOnlySpan<ushort> qkv, int window)
    {
        var (heads, kvHeads, headSize) = (pages.Heads, pages.KvHeads, pages.HeadSize);
        var stride = (heads + 2 * kvHeads) * headSize;
        var table = pages.Tables[sequence];
        var memory = new Cpu.KvPages(Shape(heads, kvHeads, headSize), table.Max() + 1, arena);
        var all = new Sequence(0, new int[offset + count], offset + count, SamplingParams.Greedy, offset + count);
        foreach (var page in table) all.AddPage(new PageId(page));
        for (var key = 0; key < offset + count; key++)
            for (var head = 0; head < kvHeads; head++)
                for (var d = 0; d < headSize; d++)
                {
                    var (page, slot) = (new PageId(table[key / PageId.Size]), key % PageId.Size);
                    memory.Keys(page, 0, head)[d * PageId.Size + slot] = Bf16.Widen(pages.Pages[pages.At(sequence, key, head, value: false) + d]);
                    memory.Values(page, 0, head)[slot * memory.ValueStride + d] = Bf16.Widen(pages.Pages[pages.At(sequence, key, head, value: true) + d]);
                }
        var y = Room(count * heads * headSize);
        Run(new PagedAttention
        {
            Batch = [.. Enumerable.Range(offset, count).Select(position => new BatchRow(all, position, 0))], Spans = [new RowSpan(0, count)],
            FirstBlocks = [0, PagedAttention.BlocksOf(count, heads, kvHeads)], SpanCount = 1, Q = Floats(qkv), QStride = stride, Y = y, Heads = heads, KvHeads = kvHeads,
            HeadSize = headSize, Window = window > 0 ? window : int.MaxValue, Score = new AttentionScore(1 / MathF.Sqrt(headSize), pages.Cap > 0 ? pages.Cap : null), Pages = memory, Layer = 0,
        });
        return Doubles(y, count * heads * headSize);
    }

    public void Dispose() => arena.Dispose();
}
