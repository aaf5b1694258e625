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

    /// <summary>(VocabularySize, HiddenSize)</summary>
    public required Tensor Embedding { get; init; }

    public required ImmutableArray<LayerWeights> Layers { get; init; }

    /// <summary>(HiddenSize) RMSNorm before the head.</summary>
    public required Tensor FinalNorm { get; init; }

    /// <summary>(VocabularySize, HiddenSize) the same object as <see cref="Embedding"/> when tied.</summary>
    public required Tensor Head { get; init; }

    /// <summary>Bytes of all tensors, a tied head counted once.</summary>
    public long ByteCount => Tensors.Sum(tensor => tensor.ByteCount);

    internal IEnumerable<Tensor> Tensors =>
        new[] { Embedding, FinalNorm, Head }.Concat(Layers.SelectMany(layer => layer.Tensors)).Distinct();

    public void Dispose() => source.Dispose();
}
