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
            InputProjection = weights.InputProjection is { } input ? Fused(upload, input) : null;
            Positions = weights.Positions is { } positions ? upload.Add(positions) : 0;
            Layers = [.. weights.Layers.Select((layer, index) => new DeviceLayer
            {
                AttentionNorm = Add(upload, layer.AttentionNorm, config.HiddenSize),
                Qkv = Fused(upload, layer.Query, layer.Key, layer.Value),
                QueryNorm = layer.QueryNorm is { } q ? upload.Add(q) : 0,
                KeyNorm = layer.KeyNorm is { } k ? upload.Add(k) : 0,
                Output = Fused(upload, layer.Output),
                AttentionOutputNorm = layer.AttentionOutputNorm is { } attended ? Add(upload, attended, config.HiddenSize) : null,
                MlpNorm = Add(upload, layer.MlpNorm, config.HiddenSize),
                GateUp = layer.Gate is { } gate ? Fused(upload, gate, layer.Up) : Fused(upload, layer.Up),
                Down = Fused(upload, layer.Down),
                MlpOutputNorm = layer.MlpOutputNorm is { } given ? Add(upload, given, config.HiddenSize) : null,
                Window = config.WindowOf(index) ?? 0,
            })];
            FinalNorm = weights.FinalNorm is { } final ? Add(upload, final, config.HiddenSize) : null;
            OutputProjection = weights.OutputProjection is { } output ? Fused(upload, output) : null;
            Head = new DeviceMatrix(ReferenceEquals(weights.Head, weights.Embedding) ? Embedding : upload.Add(weights.Head), 0, config.VocabularySize, config.EmbeddingSize);
            stream.Synchronize();
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    /// <summary>(vocabulary, embedding)</summary>
    public ulong Embedding { get; }

    /// <summary>Null where the embedding has the hidden size.</summary>
    public DeviceMatrix? InputProjection { get; }

    /// <summary>(positions, hidden) or 0.</summary>
    public ulong Positions { get; }

    public ImmutableArray<DeviceLayer> Layers { get; }

    /// <summary>Null for none.</summary>
    public DeviceNorm? FinalNorm { get; }

    /// <summary>Null where the head takes the hidden size.</summary>
    public DeviceMatrix? OutputProjection { get; }

    public DeviceMatrix Head { get; }

    public void Dispose() => memory.Dispose();

    private static DeviceNorm Add(WeightUpload upload, Norm norm, int size) =>
        new(norm.Weight is { } weight ? upload.Add(weight) : upload.AddOnes(size), norm.Bias is { } bias ? upload.Add(bias) : 0);

    private static DeviceMatrix Fused(WeightUpload upload, params Linear[] parts)
    {
        var weight = upload.Add([.. parts.Select(part => part.Weight)]);
        var bias = parts.Any(part => part.Bias is not null) ? upload.AddBiases(parts) : 0;
        return new DeviceMatrix(weight, bias, parts.Sum(part => part.Weight.Shape[0]), parts[0].Weight.Shape[1]);
    }
}

/// <summary>(Outputs, Inputs) row-major bf16, and (Outputs) bf16 or 0 for no bias.</summary>
internal readonly record struct DeviceMatrix(ulong Weight, ulong Bias, int Outputs, int Inputs);

/// <summary>(hidden) bf16 weights, and biases or 0 for none.</summary>
internal readonly record struct DeviceNorm(ulong Weight, ulong Bias);

/// <summary>One layer's weights on the device; a pointer of 0 is an absent tensor, a window of 0 none.</summary>
internal sealed record DeviceLayer
{
    public required DeviceNorm AttentionNorm { get; init; }
    public required DeviceMatrix Qkv { get; init; }
    public required ulong QueryNorm { get; init; }
    public required ulong KeyNorm { get; init; }
    public required DeviceMatrix Output { get; init; }

    /// <summary>Null for none.</summary>
    public required DeviceNorm? AttentionOutputNorm { get; init; }

    public required DeviceNorm MlpNorm { get; init; }

    /// <summary>Gate and up, or up alone where nothing gates.</summary>
    public required DeviceMatrix GateUp { get; init; }

    public required DeviceMatrix Down { get; init; }

    /// <summary>Null for none.</summary>
    public required DeviceNorm? MlpOutputNorm { get; init; }

    public required int Window { get; init; }
}
