namespace Splitwiser.Gpu.Phases;

/// <summary>What the device has done so far; guarded by its lock.</summary>
internal sealed class Counters
{
    private readonly StepStatistics[] steps = new StepStatistics[3];    // by StepKind

    public long PromptTokens;
    public long PrefilledTokens;
    public long GeneratedTokens;
    public long DiscardedTokens;
    public long PrefixQueryTokens;
    public long PrefixHitTokens;
    public long Preemptions;
    public long Handoffs;
    public long HandoffPagesCopied;

    public void Admitted(int promptTokens, int cachedTokens)
    {
        PromptTokens += promptTokens;
        PrefixQueryTokens += promptTokens;
        PrefixHitTokens += cachedTokens;
    }

    public void Stepped(Step step)
    {
        ref var kind = ref steps[(int)step.Kind];
        kind = new StepStatistics(kind.Count + 1, kind.Tokens + step.Plan.TokenCount, kind.Time + step.Result!.Duration);
    }

    /// <summary>What a prompt token has cost on average; 0 before the first.</summary>
    public double SecondsPerPromptToken
    {
        get
        {
            var prefill = steps[(int)StepKind.Prefill];
            var mixed = steps[(int)StepKind.Mixed];
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
        Preemptions = Preemptions,
        Handoffs = Handoffs,
        HandoffPagesCopied = HandoffPagesCopied,
        PrefillSteps = steps[(int)StepKind.Prefill],
        DecodeSteps = steps[(int)StepKind.Decode],
        MixedSteps = steps[(int)StepKind.Mixed],
    };
}
