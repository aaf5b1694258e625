using Splitwiser.Gpu.Kv;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cpu;

/// <summary>
/// The pool's memory: (pages, layers, kv heads, tile) singles. A tile is one page of one head: its keys as (d, 32), so that
/// the scores of 16 tokens come from one register without a sum across lanes; then its values as (32, d rounded up to 16).
/// </summary>
internal sealed unsafe class KvPages
{
    private readonly float* memory;
    private readonly int layers, kvHeads, headSize, tileSize;

    /// <exception cref="OutOfMemoryException">The address space is full.</exception>
    public KvPages(ModelConfig model, int count, NativeArena arena)
    {
        (layers, kvHeads, headSize) = (model.LayerCount, model.KvHeadCount, model.HeadSize);
        tileSize = TileSize(headSize);
        PageBytes = PageBytesOf(model);
        memory = arena.Floats(count * PageBytes / sizeof(float));
    }

    public long PageBytes { get; }

    public static long PageBytesOf(ModelConfig model) => (long)model.LayerCount * model.KvHeadCount * TileSize(model.HeadSize) * sizeof(float);

    /// <summary>One page whole.</summary>
    public Span<byte> Bytes(int page) => new((byte*)memory + page * PageBytes, checked((int)PageBytes));

    /// <summary>Floats from one token's value vector to the next's.</summary>
    public int ValueStride => Lanes.Padded(headSize);

    /// <summary>(d, 32) keys of one head.</summary>
    public float* Keys(PageId page, int layer, int kvHead) => memory + (((long)page.Value * layers + layer) * kvHeads + kvHead) * tileSize;

    /// <summary>(32, <see cref="ValueStride"/>) values of one head.</summary>
    public float* Values(PageId page, int layer, int kvHead) => Keys(page, layer, kvHead) + PageId.Size * headSize;

    private static int TileSize(int headSize) => PageId.Size * (headSize + Lanes.Padded(headSize));
}
