using System.Collections.Immutable;
using Splitwiser.Models.Checkpoints;

namespace Splitwiser.Models;

/// <summary>
/// A decoder's weights. Tensors point into the mapped checkpoint files, or into native memory for random weights; disposing
/// takes that memory away, so a runner that reads it ends first. Reading is thread-safe.
/// </summary>
public sealed class DecoderWeights : IDisposable
{
    private readonly ITensorSource source;

    /// <param name="source">Where the tensors came from; disposed with the weights.</param>
    internal DecoderWeights(ITensorSource source) => this.source = source;

    public required ModelConfig Config { get; init; }

    /// <summary>(VocabularySize, EmbeddingSize)</summary>
    public required Tensor Embedding { get; init; }

    /// <summary>(HiddenSize, EmbeddingSize) between the embedding and the first layer; null where both sizes are one.</summary>
    public Linear? InputProjection { get; init; }

    /// <summary>(PositionRows, HiddenSize) added to what enters the first layer; null with rotary positions.</summary>
    public Tensor? Positions { get; init; }

    public required ImmutableArray<LayerWeights> Layers { get; init; }

    /// <summary>(HiddenSize) before the head; null for none.</summary>
    public required Norm? FinalNorm { get; init; }

    /// <summary>(EmbeddingSize, HiddenSize) between the final norm and the head; null where both sizes are one.</summary>
    public Linear? OutputProjection { get; init; }

    /// <summary>(VocabularySize, EmbeddingSize) the same object as <see cref="Embedding"/> when tied.</summary>
    public required Tensor Head { get; init; }

    /// <summary>Bytes of all tensors, a tied head counted once.</summary>
    public long ByteCount => Tensors.Sum(tensor => tensor.ByteCount);

    internal IEnumerable<Tensor> Tensors =>
        new[] { Embedding, InputProjection?.Weight, Positions, FinalNorm?.Weight, FinalNorm?.Bias, OutputProjection?.Weight, Head }.OfType<Tensor>()
            .Concat(Layers.SelectMany(layer => layer.Tensors)).Distinct();

    public void Dispose() => source.Dispose();
}
