using System.Collections.Immutable;
using Orleans;

namespace Splitwiser;

/// <summary>How tokens are chosen. A null takes the model's own default (generation_config.json), then the neutral value named here.</summary>
[GenerateSerializer, Immutable, Alias("splitwiser.SamplingOptions")]
public sealed record SamplingOptions
{
    /// <summary>0 is greedy; neutral 1; 0 to 2.</summary>
    [Id(0)] public float? Temperature { get; init; }

    /// <summary>0 or -1 for all tokens (the neutral value), as vLLM's clients send it.</summary>
    [Id(1)] public int? TopK { get; init; }

    /// <summary>Neutral 1; above 0 to 1.</summary>
    [Id(2)] public float? TopP { get; init; }

    /// <summary>Neutral 0; 0 to 1.</summary>
    [Id(3)] public float? MinP { get; init; }

    /// <summary>Neutral 1; above 0 to 2.</summary>
    [Id(4)] public float? RepetitionPenalty { get; init; }

    /// <summary>Neutral 0; -2 to 2.</summary>
    [Id(5)] public float? PresencePenalty { get; init; }

    /// <summary>Neutral 0; -2 to 2.</summary>
    [Id(6)] public float? FrequencyPenalty { get; init; }

    /// <summary>Key of the random numbers; a missing one is drawn by RequestGrain and told in <see cref="GenerationStart"/>.</summary>
    [Id(7)] public long? Seed { get; init; }

    /// <summary>Most likely tokens reported per position, 0 for the sampled one alone; null for no logprobs.</summary>
    [Id(8)] public int? TopLogprobs { get; init; }

    /// <summary>Addends to single tokens' logits, -100 to 100.</summary>
    [Id(9)] public ImmutableArray<TokenBias> LogitBias { get; init; } = [];

    /// <summary>The only tokens that the answer may have; empty for all.</summary>
    [Id(10)] public ImmutableArray<int> AllowedTokenIds { get; init; } = [];

    /// <summary>Words that the answer must not have.</summary>
    [Id(11)] public ImmutableArray<string> BadWords { get; init; } = [];
}

/// <summary>An addend to one token's logit.</summary>
[GenerateSerializer, Immutable, Alias("splitwiser.TokenBias")]
public readonly record struct TokenBias([property: Id(0)] int TokenId, [property: Id(1)] float Bias);
