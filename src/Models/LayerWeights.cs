namespace Splitwiser.Models;

/// <summary>The weights of one decoder layer: attention and an MLP, each with norms where <see cref="NormPlacement"/> says, each added to its input.</summary>
public sealed record LayerWeights
{
    /// <summary>(HiddenSize) before the attention; after its sum with NormPlacement.After.</summary>
    public required Norm AttentionNorm { get; init; }

    /// <summary>(QuerySize, HiddenSize)</summary>
    public required Linear Query { get; init; }

    /// <summary>(KvSize, HiddenSize)</summary>
    public required Linear Key { get; init; }

    /// <summary>(KvSize, HiddenSize)</summary>
    public required Linear Value { get; init; }

    /// <summary>(HiddenSize, QuerySize)</summary>
    public required Linear Output { get; init; }

    /// <summary>(HeadSize) norm of every query head before RoPE; null for none.</summary>
    public Tensor? QueryNorm { get; init; }

    /// <summary>(HeadSize) norm of every key head before RoPE; null for none.</summary>
    public Tensor? KeyNorm { get; init; }

    /// <summary>(HiddenSize) of what the attention gives; with NormPlacement.Around only.</summary>
    public Norm? AttentionOutputNorm { get; init; }

    /// <summary>(HiddenSize) before the MLP; after its sum with NormPlacement.After.</summary>
    public required Norm MlpNorm { get; init; }

    /// <summary>(IntermediateSize, HiddenSize) the half that passes the activation; null where the MLP is not gated.</summary>
    public Linear? Gate { get; init; }

    /// <summary>(IntermediateSize, HiddenSize) the half that is gated, or what passes the activation where nothing gates.</summary>
    public required Linear Up { get; init; }

    /// <summary>(HiddenSize, IntermediateSize)</summary>
    public required Linear Down { get; init; }

    /// <summary>(HiddenSize) of what the MLP gives; with NormPlacement.Around only.</summary>
    public Norm? MlpOutputNorm { get; init; }

    /// <summary>All of them, gate before up.</summary>
    internal IEnumerable<Linear> Linears => Gate is { } gate ? [Query, Key, Value, Output, gate, Up, Down] : [Query, Key, Value, Output, Up, Down];

    internal IEnumerable<Norm> Norms => new[] { AttentionNorm, AttentionOutputNorm, MlpNorm, MlpOutputNorm }.OfType<Norm>();

    internal IEnumerable<Tensor> Tensors
    {
        get
        {
            Tensor?[] all = [QueryNorm, KeyNorm, .. Norms.SelectMany(n => new[] { n.Weight, n.Bias }), .. Linears.SelectMany(l => new[] { l.Weight, l.Bias })];
            return all.OfType<Tensor>();
        }
    }
}
