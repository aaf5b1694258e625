using System.Collections.Immutable;
using Splitwiser.Gpu;
using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models.Grammar;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Grains;

/// <summary>The device engine's types in the wire's words, and back.</summary>
internal static class Wire
{
    public static LeaseId ToDevice(this LeaseRef lease) => new(lease.Incarnation, lease.Number);

    public static LeaseRef ToWire(this LeaseId lease) => new(lease.Incarnation, lease.Number);

    public static PageAccounts ToWire(this PoolAccounts pages) => new(pages.Free, pages.Leased, pages.Cached, pages.Total);

    public static CacheStatistics ToCacheStatistics(this DeviceWorker worker)
    {
        var (pages, host, counted) = (worker.Pages, worker.HostPages, worker.Statistics);
        return new()
        {
            Pages = pages.ToWire(),
            PinnedPages = pages.Pinned,
            HostPages = host.Total,
            HostPagesUsed = host.Used,
            QueryTokens = counted.PrefixQueryTokens,
            HitTokens = counted.PrefixHitTokens,
            HostHitTokens = counted.HostHitTokens,
            PagesCopiedOut = counted.PagesCopiedOut,
            PagesCopiedIn = counted.PagesCopiedIn,
        };
    }

    public static KvHandoff ToWire(this Handoff handoff, TimeSpan readWithin) =>
        new(handoff.Lease.ToWire(), handoff.PromptLength, handoff.CachedLength, handoff.Queue, handoff.Prefill, readWithin);

    public static LeaseView ToWire(this LeaseInfo lease) => new(lease.Lease.ToWire(), lease.Phase switch
    {
        SequencePhase.Queued or SequencePhase.Restoring or SequencePhase.Preempting or SequencePhase.Preempted => LeasePhase.Queued,
        SequencePhase.Prefilling => LeasePhase.Prefilling,
        SequencePhase.Decoding => LeasePhase.Decoding,
        _ => LeasePhase.Ended,
    }, lease.Tokens, lease.Pages, lease.SharedPages);

    public static PromptRequest ToDevice(this PrefillRequest request, int hiddenSize) => new()
    {
        Tokens = request.Tokens.AsMemory(),
        OutputStart = request.OutputStart,
        MaxTokens = request.MaxTokens,
        Sampling = request.Sampling.ToDevice(request.MinTokens, request.EndTokenIds),
        CacheSalt = request.CacheSalt,
        CacheOutput = request.CacheOutput,
        Priority = request.Priority,
        Call = request.Call,
        Ticket = request.Ticket,
        Probe = PromptFindings.ProbeFor(request, hiddenSize),
        Constraint = request.Constraint?.ToModel(),
        AllowedTokenIds = Admission.OrEmpty(request.Sampling.AllowedTokenIds),
        BadWords = Admission.OrEmpty(request.BadWords),
    };

    public static Constraint ToModel(this OutputConstraint constraint) => new()
    {
        Kind = constraint.Format switch
        {
            OutputFormat.JsonObject => ConstraintKind.JsonObject,
            OutputFormat.JsonSchema => ConstraintKind.JsonSchema,
            OutputFormat.Pattern => ConstraintKind.Pattern,
            OutputFormat.Grammar => ConstraintKind.Grammar,
            OutputFormat.Text => ConstraintKind.Text,
            OutputFormat.Token => ConstraintKind.Token,
            OutputFormat.Sequence => ConstraintKind.Sequence,
            OutputFormat.OneOf => ConstraintKind.OneOf,
            _ => ConstraintKind.Repeat,
        },
        Source = constraint.Source,
        Parts = [.. Admission.OrEmpty(constraint.Parts).Select(ToModel)],
        Least = constraint.Least,
        Most = constraint.Most,
    };

    /// <summary>Takes all that is ready of all sequences.</summary>
    public static StepTokens TakeReady(this TokenFeed feed, string device)
    {
        var sequences = ImmutableArray.CreateBuilder<SequenceTokens>();
        while (feed.TryTake(out var reader))
        {
            var news = reader.TakeReady(device);
            if (news.Tokens is not null || news.Lost is not null) sequences.Add(news);
        }

        return new(sequences.DrainToImmutable());
    }

    private static SequenceTokens TakeReady(this FeedReader reader, string device)
    {
        var first = reader.Position;
        var ids = ImmutableArray.CreateBuilder<int>(1);
        var logprobs = ImmutableArray.CreateBuilder<PositionLogprobs>();
        while (reader.TryRead(out var token))
        {
            ids.Add(token.Token.TokenId);
            if (reader.HasLogprobs) logprobs.Add(new(token.Token.ToWire(), Top(reader.TopLogprobs(token.Index))));
        }

        var released = reader.End?.Reason == EndReason.Released;
        var end = released ? null : reader.End?.ToWire();
        var lost = released ? new LostLease(LeaseLoss.Released, "The lease was released while its output was read.") : reader.Failure?.ToLoss(device);
        if (reader.IsOver) reader.Dispose();
        var tokens = ids.Count > 0 || end is not null ? new DecodedTokens(first, ids.DrainToImmutable(), logprobs.DrainToImmutable(), end) : null;
        return new(reader.Lease.ToWire(), tokens, lost);
    }

    /// <summary>Null when not the lease is lost but the device: that ends the feed itself.</summary>
    private static LostLease? ToLoss(this Exception failure, string device) =>
        DeviceErrors.TryTranslate(failure, device) is LeaseGoneException gone ? new(gone.Loss, gone.Message) : null;

    private static ImmutableArray<IdLogprob> Top(ReadOnlySpan<TokenLogprob> tokens)
    {
        var top = ImmutableArray.CreateBuilder<IdLogprob>(tokens.Length);
        foreach (var token in tokens) top.Add(token.ToWire());
        return top.MoveToImmutable();
    }

    private static DecodeEnd ToWire(this SequenceEnd end) => end.Reason switch
    {
        EndReason.Length => new(FinishReason.Length, null),
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
