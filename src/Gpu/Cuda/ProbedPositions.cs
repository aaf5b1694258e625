namespace Splitwiser.Gpu.Cuda;

/// <summary>The positions First .. End-1 of a sequence, which its probe wants of a step.</summary>
internal readonly record struct ProbedPositions
{
    public ProbedPositions(PromptProbe probe, int offset, int count)
    {
        Probe = probe;
        (First, End) = probe.WantedOf(offset, count);
    }

    public PromptProbe Probe { get; }
    public int First { get; }
    public int End { get; }

    public bool IsEmpty => First >= End;

    /// <summary>The first of them whose hidden states are added up; the others follow.</summary>
    public int FirstPooled => Probe.Pooling switch
    {
        Pooling.Mean => First,
        Pooling.Last => Math.Max(First, Probe.Length - 1),
        _ => End,
    };

    public int PooledCount => Math.Max(0, End - FirstPooled);

    /// <summary>The first of them and as many that follow: those with a next token to score.</summary>
    public int ScoredCount => Probe.TopLogprobs is null ? 0 : Math.Max(0, Math.Min(End, Probe.Length - 1) - First);
}
