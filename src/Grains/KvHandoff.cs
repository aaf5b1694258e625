using System.Collections.Immutable;
using Orleans;

namespace Splitwiser.Grains;

/// <summary>A lease on the wire: (device incarnation, number).</summary>
[GenerateSerializer, Immutable, Alias("splitwiser.LeaseRef")]
public readonly record struct LeaseRef([property: Id(0)] long Incarnation, [property: Id(1)] long Number);

/// <summary>A finished prompt: its pages belong to decode now, and no byte has moved.</summary>
/// <param name="Queue">Time until it had its first pages.</param>
/// <param name="Prefill">Time from then until its first token.</param>
/// <param name="ReadWithin">How long output may lie unread before the lease is given up.</param>
/// <param name="Findings">What the request wanted to know of its prompt.</param>
[GenerateSerializer, Immutable, Alias("splitwiser.KvHandoff")]
public sealed record KvHandoff(
    [property: Id(0)] LeaseRef Lease,
    [property: Id(1)] int PromptLength,
    [property: Id(2)] int CachedLength,
    [property: Id(3)] TimeSpan Queue,
    [property: Id(4)] TimeSpan Prefill,
    [property: Id(5)] TimeSpan ReadWithin,
    [property: Id(6)] PromptFindings? Findings = null);

/// <summary>A prompt for one device.</summary>
[GenerateSerializer, Immutable, Alias("splitwiser.PrefillRequest")]
public sealed record PrefillRequest
{
    /// <summary>Prompt, followed by the output already delivered when a stream is resumed.</summary>
    [Id(0)] public required ImmutableArray<int> Tokens { get; init; }

    /// <summary>Index in Tokens where output begins; Tokens.Length for a fresh request.</summary>
    [Id(1)] public required int OutputStart { get; init; }

    /// <summary>Most output tokens, delivered ones included.</summary>
    [Id(2)] public required int MaxTokens { get; init; }

    /// <summary>Resolved: every value is set, the seed too.</summary>
    [Id(3)] public required SamplingOptions Sampling { get; init; }

    [Id(4)] public required int MinTokens { get; init; }
    [Id(5)] public required ImmutableArray<int> EndTokenIds { get; init; }
    [Id(6)] public string? CacheSalt { get; init; }

    /// <summary>No stop string can cut the output, so all of it may enter the prefix cache.</summary>
    [Id(7)] public bool CacheOutput { get; init; }

    /// <summary>The lowest goes first.</summary>
    [Id(8)] public int Priority { get; init; }

    /// <summary>What the output must look like; null for anything.</summary>
    [Id(9)] public OutputConstraint? Constraint { get; init; }

    /// <summary>The request's span of this prefill (W3C traceparent); null for none.</summary>
    [Id(10)] public string? TraceParent { get; init; }

    /// <summary>Most likely tokens to report for each position of the prompt; null for no logprobs of the prompt.</summary>
    [Id(11)] public int? PromptLogprobs { get; init; }

    /// <summary>How the prompt's hidden states become one vector; null when none is wanted.</summary>
    [Id(12)] public Pooling? Pooling { get; init; }

    /// <summary>Prompts of one call are taken in together; null for a call of its own.</summary>
    [Id(13)] public Guid? Call { get; init; }

    /// <summary>Runs of tokens that the output must not have.</summary>
    [Id(14)] public ImmutableArray<ImmutableArray<int>> BadWords { get; init; } = [];

    /// <summary>What <see cref="IPrefillGrain.Withdraw"/> knows it by; of one call of Prefill; null for nothing.</summary>
    [Id(15)] public Guid? Ticket { get; init; }
}

/// <summary>A lease as seen from outside.</summary>
[GenerateSerializer, Immutable, Alias("splitwiser.LeaseView")]
public sealed record LeaseView(
    [property: Id(0)] LeaseRef Lease,
    [property: Id(1)] LeasePhase Phase,
    [property: Id(2)] int Tokens,
    [property: Id(3)] int Pages,
    [property: Id(4)] int SharedPages);

/// <summary>Where a lease's sequence is.</summary>
public enum LeasePhase
{
    /// <summary>Waits for pages: before its prefill, or preempted.</summary>
    Queued,

    /// <summary>Its prompt is being computed.</summary>
    Prefilling,

    /// <summary>Its tokens are being generated.</summary>
    Decoding,

    /// <summary>It has ended; its output may still be read.</summary>
    Ended,
}
