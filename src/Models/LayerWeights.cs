namespace Splitwiser.Models;

/// <summary>The weights of one decoder layer: attention and a gated MLP, each after an RMSNorm and each added to its input.</summary>
public sealed record LayerWeights
{
    /// <summary>(HiddenSize) before the attention.</summary>
    public required Tensor InputNorm { get; init; }

    /// <summary>(QuerySize, HiddenSize)</summary>
    public required Linear Query { get; init; }

    /// <summary>(KvSize, HiddenSize)</summary>
    public required Linear Key { get; init; }

    /// <summary>(KvSize, HiddenSize)</summary>
    public required Linear Value { get; init; }

    /// <summary>(HiddenSize, QuerySize)</summary>
    public required Linear Output { get; init; }

    /// <summary>(HeadSize) RMSNorm of every query head before RoPE; null for none.</summary>
    public Tensor? QueryNorm { get; init; }

    /// <summary>(HeadSize) RMSNorm of every key head before RoPE; null for none.</summary>
    public Tensor? KeyNorm { get; init; }

    /// <summary>(HiddenSize) before the MLP.</summary>
    public required Tensor PostAttentionNorm { get; init; }

    /// <summary>(IntermediateSize, HiddenSize) the half that passes SiLU.</summary>
    public required Linear Gate { get; init; }

    /// <summary>(IntermediateSize, HiddenSize) the half that is gated.</summary>
    public required Linear Up { get; init; }

    /// <summary>(HiddenSize, IntermediateSize)</summary>
    public required Linear Down { get; init; }

    internal IEnumerable<Tensor> Tensors
    {
        get
        {
            Linear[] linears = [Query, Key, Value, Output, Gate, Up, Down];
            Tensor?[] all = [InputNorm, QueryNorm, KeyNorm, PostAttentionNorm, .. linears.Select(l => l.Weight), .. linears.Select(l => l.Bias)];
            return all.OfType<Tensor>();
        }
    }
}
