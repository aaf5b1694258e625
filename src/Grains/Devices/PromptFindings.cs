using System.Collections.Immutable;
using Orleans;
using Splitwiser.Gpu;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Grains;

/// <summary>What the positions of a prompt showed, on the wire.</summary>
/// <param name="Pooled">(hidden) when pooling was asked for, else empty.</param>
/// <param name="Logprobs">(prompt - 1) of the prompt's tokens from the second on, when asked for, else empty.</param>
[GenerateSerializer, Immutable, Alias("splitwiser.PromptFindings")]
public sealed record PromptFindings([property: Id(0)] ImmutableArray<float> Pooled, [property: Id(1)] ImmutableArray<PositionLogprobs> Logprobs)
{
    /// <summary>Looks at what the request wants to know of its prompt; null for nothing.</summary>
    internal static PromptProbe? ProbeFor(PrefillRequest request, int hiddenSize) => request is { Pooling: null, PromptLogprobs: null }
        ? null
        : new(request.Tokens.Length, hiddenSize, (Gpu.Pooling?)request.Pooling, request.PromptLogprobs);

    internal static PromptFindings? Of(PromptProbe? probe) => probe is null
        ? null
        : new([.. probe.Pooled()], [.. Enumerable.Range(0, probe.Logprobs.Length).Select(i => new PositionLogprobs(ToWire(probe.Logprobs[i]), [.. probe.TopOf(i).ToArray().Select(ToWire)]))]);

    private static IdLogprob ToWire(TokenLogprob token) => new(token.TokenId, token.Logprob);
}
