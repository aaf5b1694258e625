using System.Collections.Immutable;
using Orleans;

namespace Splitwiser;

/// <summary>A piece of the answer. FirstIndex and the ids make a gap or a repeat visible.</summary>
[GenerateSerializer, Immutable, Alias("splitwiser.TokenChunk")]
public sealed record TokenChunk
{
    /// <summary>Index in the output of the first of <see cref="Ids"/>, counted from 0 with delivered tokens included.</summary>
    [Id(0)] public required int FirstIndex { get; init; }

    [Id(1)] public ImmutableArray<int> Ids { get; init; } = [];

    /// <summary>Text that became certain with these ids: bytes of an unfinished character and possible stop strings are held back.</summary>
    [Id(2)] public string Text { get; init; } = "";

    /// <summary>One entry per id when logprobs were asked for, else empty.</summary>
    [Id(3)] public ImmutableArray<PositionLogprobs> Logprobs { get; init; } = [];

    /// <summary>On the first chunk only.</summary>
    [Id(4)] public GenerationStart? Start { get; init; }

    /// <summary>On the last chunk only.</summary>
    [Id(5)] public GenerationEnd? End { get; init; }
}

/// <summary>The sampled token's logprob and the most likely tokens at its position, most likely first.</summary>
[GenerateSerializer, Immutable, Alias("splitwiser.PositionLogprobs")]
public sealed record PositionLogprobs([property: Id(0)] IdLogprob Sampled, [property: Id(1)] ImmutableArray<IdLogprob> Top);

/// <summary>A token id and the natural logarithm of its probability.</summary>
[GenerateSerializer, Immutable, Alias("splitwiser.IdLogprob")]
public readonly record struct IdLogprob([property: Id(0)] int TokenId, [property: Id(1)] float Logprob);

/// <summary>What is known when the first token is.</summary>
/// <param name="PromptIds">The prompt as the model saw it.</param>
/// <param name="Seed">The seed in use: with it and the delivered ids a client can resume the stream.</param>
/// <param name="Device">"silo/index" of the device that runs it; empty when the delivered ids had ended the answer already.</param>
/// <param name="CachedTokens">Prompt tokens taken from the prefix cache.</param>
[GenerateSerializer, Immutable, Alias("splitwiser.GenerationStart")]
public sealed record GenerationStart(
    [property: Id(0)] ImmutableArray<int> PromptIds,
    [property: Id(1)] long Seed,
    [property: Id(2)] string Device,
    [property: Id(3)] int CachedTokens)
{
    /// <summary>Of the prompt's tokens from the second on, when asked for, else empty.</summary>
    [Id(4)] public ImmutableArray<PositionLogprobs> PromptLogprobs { get; init; } = [];
}

/// <summary>How the answer ended.</summary>
/// <param name="StopString">The stop string that was met, if that ended it.</param>
/// <param name="StopTokenId">The end token that was sampled, if that ended it: the last of the ids; the text has it only with <see cref="StopOptions.IncludeStopString"/>.</param>
[GenerateSerializer, Immutable, Alias("splitwiser.GenerationEnd")]
public sealed record GenerationEnd(
    [property: Id(0)] FinishReason Reason,
    [property: Id(1)] TokenUsage Usage,
    [property: Id(2)] string? StopString,
    [property: Id(3)] int? StopTokenId,
    [property: Id(4)] RequestTimings Timings);

public enum FinishReason
{
    /// <summary>EOS, a stop token or a stop string.</summary>
    Stop,

    /// <summary>max_tokens or the end of the context.</summary>
    Length,
}

/// <summary>Token counts of one request. Cached is a part of Prompt.</summary>
[GenerateSerializer, Immutable, Alias("splitwiser.TokenUsage")]
public readonly record struct TokenUsage([property: Id(0)] int Prompt, [property: Id(1)] int Cached, [property: Id(2)] int Completion);

/// <summary>Where a request's time went, as its silo saw it. All from the request's arrival but Queue and Prefill, which are spans.</summary>
[GenerateSerializer, Immutable, Alias("splitwiser.RequestTimings")]
public readonly record struct RequestTimings(
    [property: Id(0)] TimeSpan Queue,
    [property: Id(1)] TimeSpan Prefill,
    [property: Id(2)] TimeSpan FirstToken,
    [property: Id(3)] TimeSpan Total,
    [property: Id(4)] int Attempts);
