namespace Splitwiser.Client;

/// <summary>Times one streamed answer as its reader sees it.</summary>
internal sealed class AnswerClock(TimeProvider time)
{
    private readonly long start = time.GetTimestamp();
    private readonly List<TimeSpan> gaps = [];
    private long first;
    private long last;

    public int Tokens { get; private set; }

    /// <summary>From the start to the first piece with tokens; null before it.</summary>
    public TimeSpan? FirstToken => Tokens == 0 ? null : time.GetElapsedTime(start, first);

    /// <summary>From the start to the last piece with tokens.</summary>
    public TimeSpan Total => Tokens == 0 ? TimeSpan.Zero : time.GetElapsedTime(start, last);

    /// <summary>The times between pieces that carried tokens.</summary>
    public IReadOnlyList<TimeSpan> Gaps => gaps;

    /// <summary>Tokens after the first, divided by the time they took; null while there are none.</summary>
    public double? TokensPerSecond => gaps.Count == 0 ? null : (Tokens - firstTokens) / time.GetElapsedTime(first, last).TotalSeconds;

    /// <summary>The middle one of the times between pieces; null with fewer than two pieces.</summary>
    public TimeSpan? MedianGap => gaps.Count == 0 ? null : gaps.Order().ElementAt(gaps.Count / 2);

    private int firstTokens;

    public void Saw(int tokens)
    {
        if (tokens == 0)
            return;
        var now = time.GetTimestamp();
        if (Tokens == 0)
            (first, firstTokens) = (now, tokens);
        else
            gaps.Add(time.GetElapsedTime(last, now));
        last = now;
        Tokens += tokens;
    }
}
