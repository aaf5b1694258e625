using System.Collections.Immutable;

namespace Splitwiser.Models;

/// <summary>What config.json says of a decoder, in one spelling for all families. Sizes are in elements.</summary>
public sealed record ModelConfig
{
    public required ModelFamily Family { get; init; }
    public required int VocabularySize { get; init; }
    public required int HiddenSize { get; init; }
    public required int IntermediateSize { get; init; }
    public required int LayerCount { get; init; }
    public required int HeadCount { get; init; }

    /// <summary>Key/value heads; HeadCount is a multiple of it (grouped-query attention).</summary>
    public required int KvHeadCount { get; init; }

    public required int HeadSize { get; init; }

    /// <summary>Longest context that the model was made for: prompt and output tokens together.</summary>
    public required int MaxPositions { get; init; }

    public required float NormEpsilon { get; init; }

    /// <summary>Null where positions are learned: see <see cref="PositionOffset"/>.</summary>
    public required RopeConfig? Rope { get; init; }

    /// <summary>Row of the learned position table that position 0 reads; meaningful without <see cref="Rope"/> only.</summary>
    public int PositionOffset { get; init; }

    public NormKind NormKind { get; init; }
    public NormPlacement NormPlacement { get; init; }

    /// <summary>Norms have weights and, with NormKind.Layer, biases; without, they only normalize.</summary>
    public bool NormWeights { get; init; } = true;

    /// <summary>What leaves the last layer is normalized before the head.</summary>
    public bool FinalNorm { get; init; } = true;

    /// <summary>Added to every norm's weight: 1 where checkpoints hold the difference from 1 (Gemma).</summary>
    public float NormOffset { get; init; }

    public Activation Activation { get; init; }

    /// <summary>The MLP's activation gates a second projection instead of standing alone.</summary>
    public bool GatedMlp { get; init; } = true;

    /// <summary>By what embeddings are multiplied.</summary>
    public float EmbeddingScale { get; init; } = 1;

    /// <summary>Size of an embedding where it is projected to and from the hidden size (OPT-350m); null where it is the hidden size.</summary>
    public int? ProjectedEmbeddingSize { get; init; }

    /// <summary>By what products of queries and keys are multiplied; null for 1 / sqrt(HeadSize).</summary>
    public float? AttentionScale { get; init; }

    /// <summary>Layer i (from 0) divides its attention scale by i + 1 (GPT-2's scale_attn_by_inverse_layer_idx).</summary>
    public bool ScalesAttentionByLayer { get; init; }

    /// <summary>Scaled products s of queries and keys become c tanh(s / c); null for no cap.</summary>
    public float? AttentionSoftcap { get; init; }

    /// <summary>Logits l become c tanh(l / c); null for no cap.</summary>
    public float? LogitSoftcap { get; init; }

    /// <summary>Query, key and value projections carry a bias (Qwen2, or attention_bias).</summary>
    public bool QkvBias { get; init; }

    /// <summary>The attention output projection carries a bias (attention_bias of Llama).</summary>
    public bool OutputBias { get; init; }

    public bool MlpBias { get; init; }

    /// <summary>Queries and keys pass a norm over the head before RoPE (Qwen3).</summary>
    public bool QkNorm { get; init; }

    /// <summary>The head reads the embedding's matrix.</summary>
    public bool TiedEmbeddings { get; init; }

    public int? BosTokenId { get; init; }
    public ImmutableArray<int> EosTokenIds { get; init; } = [];

    /// <summary>Layers whose attention sees only the last <see cref="SlidingWindow"/> positions; empty when none does.</summary>
    public ImmutableArray<bool> WindowedLayers { get; init; } = [];

    public int? SlidingWindow { get; init; }

    /// <summary>The factor of products of queries and keys in one layer.</summary>
    public float AttentionScaleOf(int layer) => (AttentionScale ?? 1 / MathF.Sqrt(HeadSize)) / (ScalesAttentionByLayer ? layer + 1 : 1);

    /// <summary>How many positions, its own included, a token of this layer attends to; null for all before it.</summary>
    public int? WindowOf(int layer) => !WindowedLayers.IsDefaultOrEmpty && WindowedLayers[layer] ? SlidingWindow : null;

    public int QuerySize => HeadCount * HeadSize;
    public int KvSize => KvHeadCount * HeadSize;

    /// <summary>Width of the embedding and of the head's input.</summary>
    public int EmbeddingSize => ProjectedEmbeddingSize ?? HiddenSize;

    /// <summary>Rows of the learned position table; 0 with <see cref="Rope"/>.</summary>
    public int PositionRows => Rope is null ? MaxPositions + PositionOffset : 0;
}
