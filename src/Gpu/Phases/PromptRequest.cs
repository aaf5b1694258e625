using System.Collections.Immutable;
using Splitwiser.Models.Grammar;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Gpu.Phases;

/// <summary>A prompt to prefill and how to go on from it.</summary>
public sealed record PromptRequest
{
    /// <summary>The prompt, followed by the output already delivered when a stream is resumed. Not to be changed until the handoff.</summary>
    public required ReadOnlyMemory<int> Tokens { get; init; }

    /// <summary>Index in <see cref="Tokens"/> where output begins; Tokens.Length for a fresh request.</summary>
    public required int OutputStart { get; init; }

    /// <summary>It goes on with output that was generated before, elsewhere.</summary>
    public bool IsResumed => OutputStart < Tokens.Length;

    /// <summary>Most output tokens, delivered ones included. The end of the context ends the sequence earlier.</summary>
    public required int MaxTokens { get; init; }

    public required SamplingParams Sampling { get; init; }

    /// <summary>What the output must look like; null for anything. End tokens are then sampled where it is whole, and only there.</summary>
    public Constraint? Constraint { get; init; }

    /// <summary>The only tokens that the output may have; empty for all.</summary>
    public ImmutableArray<int> AllowedTokenIds { get; init; } = [];

    /// <summary>Runs of tokens that the output must not have.</summary>
    public ImmutableArray<ImmutableArray<int>> BadWords { get; init; } = [];

    /// <summary>Separates prefix-cache entries.</summary>
    public string? CacheSalt { get; init; }

    /// <summary>
    /// No stop string can cut the output, so all of it may enter the prefix cache. Otherwise only what <see cref="DeviceWorker.Stop"/>
    /// leaves of it does.
    /// </summary>
    public bool CacheOutput { get; init; }

    /// <summary>Prompts of a lower number are computed first, whatever their lengths.</summary>
    public int Priority { get; init; }

    /// <summary>Prompts of one call are taken in together: none is refused because others of it wait. Null for a call of its own.</summary>
    public Guid? Call { get; init; }

    /// <summary>What the caller knows it by before it knows the lease, for <see cref="DeviceWorker.Withdraw"/>; null for nothing.</summary>
    public Guid? Ticket { get; init; }

    /// <summary>Takes what the prompt's positions show, until the handoff; null when nothing of them is wanted. Of this one request.</summary>
    public PromptProbe? Probe { get; init; }

    /// <summary>The prefix cache may spare it the beginning of its prompt.</summary>
    internal bool LooksUpPrefix => Probe is null or { NeedsEveryPosition: false } or { IsComplete: true };
}
