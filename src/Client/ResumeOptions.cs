namespace Splitwiser.Client;

/// <summary>When <see cref="SplitwiserClient"/> gives a silo up and how often it tries another.</summary>
public sealed record ResumeOptions
{
    /// <summary>Request grains tried for one answer, the first included.</summary>
    public int MaxAttempts { get; init; } = 10;

    /// <summary>Of these, how many may end because no device could go on: each has looked for one and waited.</summary>
    public int MaxDeviceLosses { get; init; } = 2;

    /// <summary>How long a request grain may say nothing, before it is asked for a sign of life.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(0.4);

    /// <summary>How long the sign of life may take: without it the grain is lost.</summary>
    public TimeSpan SignOfLife { get; init; } = TimeSpan.FromSeconds(0.8);

    /// <summary>Longest wait for the first chunk of a grain that lives: the time in the queue counts here.</summary>
    public TimeSpan FirstChunk { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Longest wait between two chunks of a grain that lives; a sequence that gave its pages up for others may be queued again.</summary>
    public TimeSpan NextChunk { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Wait before another attempt: the cluster needs a moment to see that a silo is gone. Doubles with each attempt, up to <see cref="LongestDelay"/>.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest wait before another attempt: a longer one would outlast what the cluster needs.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <param name="attempt">That was lost, counted from 1.</param>
    internal TimeSpan DelayAfter(int attempt)
    {
        var doubled = Delay * Math.Pow(2, Math.Min(attempt - 1, 10));
        return doubled < LongestDelay ? doubled : LongestDelay;
    }
}
