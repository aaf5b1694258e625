using Splitwiser.Models;

namespace Splitwiser.Gpu.Cuda;

/// <summary>
/// Brings tensors to the device as bf16, one after the other into one allocation: through two pinned buffers, so that rounding and
/// copying one piece overlaps with the transfer of the one before.
/// </summary>
internal sealed unsafe class WeightUpload : IDisposable
{
    private const int Alignment = 256;
    private const int PieceElements = 16 << 20;
    private const int ShareElements = 1 << 20;      // what one thread rounds at a time

    private readonly DeviceBuffer memory;
    private readonly CudaStream stream;
    private readonly (PinnedBuffer Memory, CudaEvent Free)[] staging = [.. Enumerable.Range(0, 2).Select(_ => (new PinnedBuffer(2L * PieceElements), new CudaEvent()))];
    private long used;
    private int pieces;

    public WeightUpload(DeviceBuffer memory, CudaStream stream)
    {
        (this.memory, this.stream) = (memory, stream);
        memory.Fill(0, stream);       // absent parts of a fused bias
    }

    /// <summary>Room for all tensors, each aligned.</summary>
    public static long BytesFor(DecoderWeights weights)
    {
        var config = weights.Config;
        var linears = weights.Layers.SelectMany(layer => layer.Linears).Concat(new[] { weights.InputProjection, weights.OutputProjection }.OfType<Linear>());
        var norms = weights.Layers.Sum(layer => layer.Norms.Count()) + 1;
        var tensors = weights.Layers.SelectMany(layer => new[] { layer.QueryNorm, layer.KeyNorm }).Append(weights.Embedding).Append(weights.Positions)
            .Append(ReferenceEquals(weights.Head, weights.Embedding) ? null : weights.Head);
        return linears.SelectMany(linear => new[] { linear.Weight.ElementCount, linear.Weight.Shape[0] }).Concat(tensors.OfType<Tensor>().Select(tensor => tensor.ElementCount))
            .Sum(elements => Aligned(2 * elements)) + 2 * norms * Aligned(2L * config.HiddenSize);
    }

    /// <summary>The parts behind each other, as one matrix.</summary>
    /// <returns>The device address of the first.</returns>
    public ulong Add(params ReadOnlySpan<Tensor> parts)
    {
        var start = used;
        foreach (var part in parts)
        {
            Copy(part, used);
            used += 2 * part.ElementCount;
        }
        used = Aligned(used);
        return memory.Pointer + (ulong)start;
    }

    /// <summary>A vector of ones.</summary>
    public ulong AddOnes(int count)
    {
        var start = used;
        var (buffer, free) = staging[pieces++ % staging.Length];
        free.Wait();
        new Span<ushort>(buffer.Pointer, count).Fill(Bf16.Round(1));
        memory.Upload(buffer.Pointer, 2L * count, stream, start);
        free.Record(stream);
        used = Aligned(used + 2L * count);
        return memory.Pointer + (ulong)start;
    }

    /// <summary>The parts' biases behind each other; zeros for a part that has none.</summary>
    public ulong AddBiases(ReadOnlySpan<Linear> parts)
    {
        var start = used;
        foreach (var part in parts)
        {
            if (part.Bias is { } bias) Copy(bias, used);
            used += 2 * part.Weight.Shape[0];
        }
        used = Aligned(used);
        return memory.Pointer + (ulong)start;
    }

    public void Dispose()
    {
        stream.Synchronize();
        foreach (var (buffer, free) in staging)
        {
            buffer.Dispose();
            free.Dispose();
        }
    }

    private void Copy(Tensor tensor, long offset)
    {
        for (var start = 0L; start < tensor.ElementCount; start += PieceElements)
        {
            var (buffer, free) = staging[pieces++ % staging.Length];
            free.Wait();
            var count = (int)Math.Min(PieceElements, tensor.ElementCount - start);
            Round(tensor, start, (ushort*)buffer.Pointer, count);
            memory.Upload(buffer.Pointer, 2L * count, stream, offset + 2 * start);
            free.Record(stream);
        }
    }

    private static void Round(Tensor tensor, long start, ushort* to, int count) => Parallel.For(0, (count + ShareElements - 1) / ShareElements, share =>
    {
        var first = share * ShareElements;
        var length = Math.Min(ShareElements, count - first);
        var from = tensor.Data + (start + first) * tensor.Type.Size();
        switch (tensor.Type)
        {
            case ElementType.BF16:
                Buffer.MemoryCopy(from, to + first, 2L * length, 2L * length);
                break;
            case ElementType.F16:
                for (var i = 0; i < length; i++) to[first + i] = Bf16.Round((float)((Half*)from)[i]);
                break;
            default:
                for (var i = 0; i < length; i++) to[first + i] = Bf16.Round(((float*)from)[i]);
                break;
        }
    });

    private static long Aligned(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;
}
