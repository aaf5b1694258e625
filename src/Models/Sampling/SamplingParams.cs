using System.Collections.Immutable;

namespace Splitwiser.Models.Sampling;

/// <summary>
/// How the next token of one sequence is chosen from its logits. The order is vLLM's: bias and end-token mask, penalties, the grammar's mask,
/// temperature, top-k, top-p, min-p, then one draw with Philox(<see cref="Seed"/>, position).
/// </summary>
public sealed record SamplingParams
{
    public static SamplingParams Greedy { get; } = new() { Temperature = 0 };

    /// <summary>0 takes the most likely token; otherwise logits are divided by it.</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>Only the K most likely tokens; null for all.</summary>
    public int? TopK { get; init; }

    /// <summary>The smallest set of tokens whose probabilities reach this sum; 1 for all.</summary>
    public float TopP { get; init; } = 1;

    /// <summary>Drops tokens less likely than this share of the most likely one; 0 for none.</summary>
    public float MinP { get; init; }

    /// <summary>Over prompt and output: positive logits are divided by it, negative ones multiplied; 1 for off.</summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>Subtracted once from every token of the output so far.</summary>
    public float PresencePenalty { get; init; }

    /// <summary>Subtracted from every token of the output so far, times its count.</summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>The key of the random numbers; the counter is the position of the sampled token in its sequence.</summary>
    public ulong Seed { get; init; }

    /// <summary>Output tokens before which no <see cref="EndTokenIds"/> may be sampled.</summary>
    public int MinTokens { get; init; }

    /// <summary>Tokens that end the sequence when sampled: EOS ids (unless ignored) and the request's stop_token_ids.</summary>
    public ImmutableArray<int> EndTokenIds { get; init; } = [];

    /// <summary>Added to the logits of single tokens.</summary>
    public ImmutableArray<LogitBias> LogitBias { get; init; } = [];

    /// <summary>How many of the most likely tokens are reported beside the sampled one; null for no logprobs at all.</summary>
    public int? TopLogprobs { get; init; }
}

/// <summary>An addend to one token's logit.</summary>
public readonly record struct LogitBias(int TokenId, float Bias);
