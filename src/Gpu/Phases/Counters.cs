namespace Splitwiser.Gpu.Phases;

/// <summary>What the device has done so far; guarded by its lock.</summary>
internal sealed class Counters
{
    private readonly StepStatistics[] steps = new StepStatistics[3];    // by StepKind
    private readonly long[] ends = new long[Enum.GetValues<EndReason>().Length];
    private long expired;

    public readonly Histogram TokenGap = new(Histogram.Seconds);
    public readonly Histogram HandoffTime = new(Histogram.Microseconds);
    public readonly Histogram StepTokens = new(Histogram.Tokens);
    public long PromptTokens;
    public long PrefilledTokens;
    public long GeneratedTokens;
    public long DiscardedTokens;
    public long PrefixQueryTokens;
    public long PrefixHitTokens;
    public long HostHitTokens;
    public long PagesCopiedOut;
    public long PagesCopiedIn;
    public long Preemptions;
    public long Handoffs;
    public long HandoffPagesCopied;

    public void Admitted(int promptTokens, int cachedTokens)
    {
        PromptTokens += promptTokens;
        PrefixQueryTokens += promptTokens;
        PrefixHitTokens += cachedTokens;
    }

    /// <summary>Prompt tokens were copied from main memory.</summary>
    /// <param name="again">The prompt was taken in before: it is no new hit.</param>
    public void Restored(int tokens, bool again)
    {
        if (again) return;
        PrefixHitTokens += tokens;
        HostHitTokens += tokens;
    }

    public void Stepped(Step step)
    {
        var (tokens, result) = (step.EndsChunk ? step.Plan.TokenCount : 0, step.Result!);
        if (step.EndsChunk) StepTokens.Observe(tokens);
        ref var kind = ref steps[(int)step.Kind];
        kind = new StepStatistics(kind.Count + 1, kind.Tokens + tokens, kind.Time + result.Duration, result.Processors, kind.ProcessorTime + result.Processors * result.Duration);
    }

    public void Ended(OutputOutcome outcome)
    {
        if (outcome.End is { } end) ends[(int)end.Reason]++;
        else if (outcome.Failure is LeaseExpiredException) expired++;
    }

    /// <summary>What a prompt token has cost on average; 0 before the first.</summary>
    public double SecondsPerPromptToken
    {
        get
        {
            var (prefill, mixed) = (steps[(int)StepKind.Prefill], steps[(int)StepKind.Mixed]);
            return (prefill.Time + mixed.Time).TotalSeconds / Math.Max(1, prefill.Tokens + mixed.Tokens);
        }
    }

    public DeviceStatistics Snapshot() => new()
    {
        PromptTokens = PromptTokens,
        PrefilledTokens = PrefilledTokens,
        GeneratedTokens = GeneratedTokens,
        DiscardedTokens = DiscardedTokens,
        PrefixQueryTokens = PrefixQueryTokens,
        PrefixHitTokens = PrefixHitTokens,
        HostHitTokens = HostHitTokens,
        PagesCopiedOut = PagesCopiedOut,
        PagesCopiedIn = PagesCopiedIn,
        Preemptions = Preemptions,
        Handoffs = Handoffs,
        HandoffPagesCopied = HandoffPagesCopied,
        HandoffTime = HandoffTime.Snapshot(),
        EndedByToken = ends[(int)EndReason.Stop],
        EndedByLength = ends[(int)EndReason.Length],
        Stopped = ends[(int)EndReason.Stopped],
        Released = ends[(int)EndReason.Released],
        Expired = expired,
        TokenGap = TokenGap.Snapshot(),
        StepTokens = StepTokens.Snapshot(),
        PrefillSteps = steps[(int)StepKind.Prefill],
        DecodeSteps = steps[(int)StepKind.Decode],
        MixedSteps = steps[(int)StepKind.Mixed],
    };
}
