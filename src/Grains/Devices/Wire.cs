using System.Collections.Immutable;
using Splitwiser.Gpu;
using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Grains;

/// <summary>The device engine's types in the wire's words, and back.</summary>
internal static class Wire
{
    public static LeaseId ToDevice(this LeaseRef lease) => new(lease.Incarnation, lease.Number);

    public static LeaseRef ToWire(this LeaseId lease) => new(lease.Incarnation, lease.Number);

    public static PageAccounts ToWire(this PoolAccounts pages) => new(pages.Free, pages.Leased, pages.Cached, pages.Total);

    public static KvHandoff ToWire(this Handoff handoff) =>
        new(handoff.Lease.ToWire(), handoff.PromptLength, handoff.CachedLength, handoff.Queue, handoff.Prefill);

    public static LeaseView ToWire(this LeaseInfo lease) => new(lease.Lease.ToWire(), lease.Phase switch
    {
        SequencePhase.Queued or SequencePhase.Preempting or SequencePhase.Preempted => LeasePhase.Queued,
        SequencePhase.Prefilling => LeasePhase.Prefilling,
        SequencePhase.Decoding => LeasePhase.Decoding,
        _ => LeasePhase.Ended,
    }, lease.Tokens, lease.Pages, lease.SharedPages);

    public static PromptRequest ToDevice(this PrefillRequest request) => new()
    {
        Tokens = request.Tokens.AsMemory(),
        OutputStart = request.OutputStart,
        MaxTokens = request.MaxTokens,
        Sampling = request.Sampling.ToDevice(request.MinTokens, request.EndTokenIds),
        CacheSalt = request.CacheSalt,
        CacheOutput = request.CacheOutput,
        Priority = request.Priority,
    };

    /// <summary>Takes all that is ready, and the end if it is there.</summary>
    /// <param name="next">Output index of the next token; moves on.</param>
    /// <exception cref="LeaseGoneException">It was released under the reader.</exception>
    public static DecodedTokens TakeReady(this TokenReader reader, ref int next)
    {
        var ids = ImmutableArray.CreateBuilder<int>();
        var logprobs = ImmutableArray.CreateBuilder<PositionLogprobs>();
        while (reader.TryRead(out var token))
        {
            ids.Add(token.Token.TokenId);
            if (reader.HasLogprobs) logprobs.Add(new(token.Token.ToWire(), Top(reader.TopLogprobs(token.Index))));
        }

        var first = next;
        next += ids.Count;
        return new(first, ids.DrainToImmutable(), logprobs.DrainToImmutable(), reader.End?.ToWire());
    }

    private static ImmutableArray<IdLogprob> Top(ReadOnlySpan<TokenLogprob> tokens)
    {
        var top = ImmutableArray.CreateBuilder<IdLogprob>(tokens.Length);
        foreach (var token in tokens) top.Add(token.ToWire());
        return top.MoveToImmutable();
    }

    private static DecodeEnd ToWire(this SequenceEnd end) => end.Reason switch
    {
        EndReason.Length => new(FinishReason.Length, null),
        EndReason.Released => throw new LeaseGoneException(LeaseLoss.Released, "The lease was released while its output was read."),
        _ => new(FinishReason.Stop, end.EndTokenId),
    };

    private static IdLogprob ToWire(this TokenLogprob token) => new(token.TokenId, token.Logprob);

    private static SamplingParams ToDevice(this SamplingOptions options, int minTokens, ImmutableArray<int> endTokenIds) => new()
    {
        Temperature = options.Temperature!.Value,
        TopK = options.TopK is > 0 and var k ? k : null,
        TopP = options.TopP!.Value,
        MinP = options.MinP!.Value,
        RepetitionPenalty = options.RepetitionPenalty!.Value,
        PresencePenalty = options.PresencePenalty!.Value,
        FrequencyPenalty = options.FrequencyPenalty!.Value,
        Seed = (ulong)options.Seed!.Value,
        MinTokens = minTokens,
        EndTokenIds = endTokenIds,
        LogitBias = [.. options.LogitBias.Select(bias => new LogitBias(bias.TokenId, bias.Bias))],
        TopLogprobs = options.TopLogprobs,
    };
}
