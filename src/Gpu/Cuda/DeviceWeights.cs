using System.Collections.Immutable;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cuda;

/// <summary>A decoder's weights on the device, all bf16 in one allocation; query, key and value are one matrix, gate and up another.</summary>
internal sealed class DeviceWeights : IDisposable
{
    private readonly DeviceBuffer memory;

    public DeviceWeights(DecoderWeights weights, CudaStream stream)
    {
        var config = weights.Config;
        memory = new DeviceBuffer(WeightUpload.BytesFor(weights));
        try
        {
            using var upload = new WeightUpload(memory, stream);
            Embedding = upload.Add(weights.Embedding);
            Layers = [.. weights.Layers.Select((layer, index) => new DeviceLayer
            {
                InputNorm = upload.Add(layer.InputNorm),
                Qkv = Fused(upload, layer.Query, layer.Key, layer.Value),
                QueryNorm = layer.QueryNorm is { } q ? upload.Add(q) : 0,
                KeyNorm = layer.KeyNorm is { } k ? upload.Add(k) : 0,
                Output = Fused(upload, layer.Output),
                PostAttentionNorm = upload.Add(layer.PostAttentionNorm),
                GateUp = Fused(upload, layer.Gate, layer.Up),
                Down = Fused(upload, layer.Down),
                Window = config.WindowOf(index) ?? 0,
            })];
            FinalNorm = upload.Add(weights.FinalNorm);
            Head = new DeviceMatrix(ReferenceEquals(weights.Head, weights.Embedding) ? Embedding : upload.Add(weights.Head), 0, config.VocabularySize, config.HiddenSize);
            stream.Synchronize();
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    /// <summary>(vocabulary, hidden)</summary>
    public ulong Embedding { get; }

    public ImmutableArray<DeviceLayer> Layers { get; }

    /// <summary>(hidden)</summary>
    public ulong FinalNorm { get; }

    public DeviceMatrix Head { get; }

    public void Dispose() => memory.Dispose();

    private static DeviceMatrix Fused(WeightUpload upload, params Linear[] parts)
    {
        var weight = upload.Add([.. parts.Select(part => part.Weight)]);
        var bias = parts.Any(part => part.Bias is not null) ? upload.AddBiases(parts) : 0;
        return new DeviceMatrix(weight, bias, parts.Sum(part => part.Weight.Shape[0]), parts[0].Weight.Shape[1]);
    }
}

/// <summary>(Outputs, Inputs) row-major bf16, and (Outputs) bf16 or 0 for no bias.</summary>
internal readonly record struct DeviceMatrix(ulong Weight, ulong Bias, int Outputs, int Inputs);

/// <summary>One layer's weights on the device; a pointer of 0 is an absent tensor, a window of 0 none.</summary>
internal sealed record DeviceLayer
{
    public required ulong InputNorm { get; init; }
    public required DeviceMatrix Qkv { get; init; }
    public required ulong QueryNorm { get; init; }
    public required ulong KeyNorm { get; init; }
    public required DeviceMatrix Output { get; init; }
    public required ulong PostAttentionNorm { get; init; }
    public required DeviceMatrix GateUp { get; init; }
    public required DeviceMatrix Down { get; init; }
    public required int Window { get; init; }
}
