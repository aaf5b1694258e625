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
    public required RopeConfig Rope { get; init; }

    /// <summary>Query, key and value projections carry a bias (Qwen2, or attention_bias).</summary>
    public bool QkvBias { get; init; }

    /// <summary>The attention output projection carries a bias (attention_bias of Llama).</summary>
    public bool OutputBias { get; init; }

    public bool MlpBias { get; init; }

    /// <summary>Queries and keys pass an RMSNorm over the head before RoPE (Qwen3).</summary>
    public bool QkNorm { get; init; }

    /// <summary>The head reads the embedding's matrix.</summary>
    public bool TiedEmbeddings { get; init; }

    public int? BosTokenId { get; init; }
    public ImmutableArray<int> EosTokenIds { get; init; } = [];

    /// <summary>Layers whose attention sees only the last <see cref="SlidingWindow"/> positions; empty when none does.</summary>
    public ImmutableArray<bool> WindowedLayers { get; init; } = [];

    public int? SlidingWindow { get; init; }

    /// <summary>How many positions, its own included, a token of this layer attends to; null for all before it.</summary>
    public int? WindowOf(int layer) => !WindowedLayers.IsDefaultOrEmpty && WindowedLayers[layer] ? SlidingWindow : null;

    public int QuerySize => HeadCount * HeadSize;
    public int KvSize => KvHeadCount * HeadSize;
}
