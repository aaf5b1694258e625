using Splitwiser.Gpu.Kv;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cuda;

/// <summary>The pool of key/value pages on the device: per layer [page][K, V][kv_head][token of the page][head size] bf16, and one page more that padding writes to.</summary>
internal sealed class KvPages : IDisposable
{
    private readonly DeviceBuffer memory;
    private readonly long layerBytes;
    private readonly TensorMap[] maps = [];     // (layers) or none

    /// <param name="hopper">Its layers are also read by tensor maps.</param>
    public KvPages(ModelConfig model, int count, bool hopper)
    {
        Count = count;
        LayerPageBytes = LayerPageBytesOf(model);
        layerBytes = (count + 1) * LayerPageBytes;
        memory = new DeviceBuffer(layerBytes * model.LayerCount);
        if (hopper) maps = [.. Enumerable.Range(0, model.LayerCount).Select(layer => TensorMap.Of(OfLayer(layer), layerBytes / (2L * model.HeadSize), model.HeadSize))];
    }

    public int Count { get; }

    /// <summary>The page that is nobody's.</summary>
    public int Spare => Count;

    /// <summary>Bytes of one page of one layer.</summary>
    public long LayerPageBytes { get; }

    /// <summary>Bytes of one page, all layers.</summary>
    public static long PageBytes(ModelConfig model) => LayerPageBytesOf(model) * model.LayerCount;

    public ulong OfLayer(int layer) => memory.Pointer + (ulong)(layer * layerBytes);

    public ref readonly TensorMap MapOfLayer(int layer) => ref maps[layer];

    /// <summary>All zero, in stream order: a masked position must not hold NaN.</summary>
    public void Clear(CudaStream stream) => memory.Fill(0, stream);

    public void Dispose() => memory.Dispose();

    private static long LayerPageBytesOf(ModelConfig model) => 2L * model.KvSize * PageId.Size * 2;
}
