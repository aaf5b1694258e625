using System.Collections.Immutable;
using Orleans;

namespace Splitwiser;

/// <summary>What to generate from: exactly one of text and token ids.</summary>
[GenerateSerializer, Immutable, Alias("splitwiser.GenerateRequest")]
public sealed record GenerateRequest
{
    /// <summary>The prompt as text; tokenized by the silo with the model's special tokens.</summary>
    [Id(0)] public string? Text { get; init; }

    /// <summary>The prompt as token ids, taken as they are; default when Text is given.</summary>
    [Id(1)] public ImmutableArray<int> TokenIds { get; init; }

    /// <summary>Served model name; null for the one that is served.</summary>
    [Id(2)] public string? Model { get; init; }

    [Id(3)] public SamplingOptions Sampling { get; init; } = new();

    [Id(4)] public StopOptions Stop { get; init; } = new();

    /// <summary>Separates prefix-cache entries: requests share cached pages only within one salt.</summary>
    [Id(5)] public string? CacheSalt { get; init; }

    /// <summary>Output ids that the caller holds already: the stream goes on after them. Needs <see cref="SamplingOptions.Seed"/> unless greedy.</summary>
    [Id(6)] public ImmutableArray<int> Delivered { get; init; } = [];

    /// <summary>Adds BOS and the like to a text prompt.</summary>
    [Id(7)] public bool AddSpecialTokens { get; init; } = true;

    /// <summary>Leaves special tokens out of the text.</summary>
    [Id(8)] public bool SkipSpecialTokens { get; init; } = true;

    /// <summary>Place in the queue before its length counts: the lowest goes first, as in vLLM.</summary>
    [Id(9)] public int Priority { get; init; }

    /// <summary>"silo/index" of the device that has just computed the same prompt: its pages are leased there rather than computed elsewhere. A hint.</summary>
    [Id(10)] public string? Beside { get; init; }

    /// <summary>What the answer must look like; null for anything.</summary>
    [Id(11)] public OutputConstraint? Constraint { get; init; }

    /// <summary>The caller's span (W3C traceparent), under which the request's own go; null for none.</summary>
    [Id(12)] public string? TraceParent { get; init; }

    /// <summary>Most likely tokens reported for each position of the prompt, 0 for its own alone; null for no logprobs of the prompt.</summary>
    [Id(13)] public int? PromptLogprobs { get; init; }

    /// <summary>Requests of one call are taken in together: none is refused because others of it wait. Null for a call of its own.</summary>
    [Id(14)] public Guid? Call { get; init; }

    /// <summary>Only so many of the prompt's last tokens are used; -1 for as many as the context holds beside the answer, null for all.</summary>
    [Id(15)] public int? TruncatePrompt { get; init; }
}
