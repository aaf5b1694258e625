using Splitwiser.Gpu.Kv;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cuda;

/// <summary>
/// Pinned main memory behind the pool, laid out like it: per layer [page][K, V][kv_head][token of the page][head size] bf16, so that
/// neighbours go in one copy for each layer. Each direction has a stream of its own and is driven by one thread at a time.
/// The pool's pages were written by steps that the host has waited for, so the streams need not wait for the lanes'.
/// </summary>
internal sealed unsafe class HostPages : IDisposable
{
    private readonly KvPages pages;
    private readonly int layerCount;
    private readonly long layerBytes;           // of main memory
    private readonly PinnedBuffer memory;
    private readonly Way[] ways = [new(), new()];   // by direction

    public HostPages(ModelConfig model, KvPages pages, int count)
    {
        (this.pages, layerCount) = (pages, model.LayerCount);
        layerBytes = count * pages.LayerPageBytes;
        memory = new PinnedBuffer(layerBytes * layerCount);
    }

    /// <summary>Copies and waits for it.</summary>
    public void Copy(CopyDirection direction, ReadOnlySpan<PageCopy> copies)
    {
        var way = ways[(int)direction];
        way.Sorted.Clear();
        way.Sorted.AddRange(copies);
        way.Sorted.Sort(static (a, b) => a.Page.Value.CompareTo(b.Page.Value));
        for (var start = 0; start < way.Sorted.Count;)
        {
            var count = Neighbours(way.Sorted, start);
            for (var layer = 0; layer < layerCount; layer++) CopyRun(direction, way.Stream, layer, way.Sorted[start], count);
            start += count;
        }

        way.Done.Record(way.Stream);
        way.Done.Wait();
    }

    public void Dispose()
    {
        foreach (var way in ways)
        {
            _ = CudaDriver.cuStreamSynchronize(way.Stream.Handle);      // after a fault there is nothing to wait for
            way.Done.Dispose();
            way.Stream.Dispose();
        }

        memory.Dispose();
    }

    private void CopyRun(CopyDirection direction, CudaStream stream, int layer, PageCopy first, int count)
    {
        var device = pages.OfLayer(layer) + (ulong)(first.Page.Value * pages.LayerPageBytes);
        var host = memory.Pointer + layer * layerBytes + first.HostPage.Value * pages.LayerPageBytes;
        var bytes = (nuint)(count * pages.LayerPageBytes);
        if (direction == CopyDirection.Out) Cuda.Check(CudaDriver.cuMemcpyDtoHAsync_v2(host, device, bytes, stream.Handle));
        else Cuda.Check(CudaDriver.cuMemcpyHtoDAsync_v2(device, host, bytes, stream.Handle));
    }

    /// <summary>How many copies from one on lie side by side at both ends.</summary>
    private static int Neighbours(List<PageCopy> sorted, int start)
    {
        var count = 1;
        while (start + count < sorted.Count
            && sorted[start + count].Page.Value == sorted[start].Page.Value + count
            && sorted[start + count].HostPage.Value == sorted[start].HostPage.Value + count) count++;
        return count;
    }

    private sealed class Way
    {
        public CudaStream Stream { get; } = new();
        public CudaEvent Done { get; } = new(blocks: true);
        public List<PageCopy> Sorted { get; } = [];
    }
}
