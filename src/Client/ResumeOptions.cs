namespace Splitwiser.Client;

/// <summary>When <see cref="SplitwiserClient"/> gives a silo up and how often it tries another.</summary>
public sealed record ResumeOptions
{
    /// <summary>Request grains tried for one answer, the first included.</summary>
    public int MaxAttempts { get; init; } = 4;

    /// <summary>Longest wait for the first chunk: the time in the queue counts here.</summary>
    public TimeSpan FirstChunk { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Longest wait between two chunks: the answer is being decoded, so silence means that its silo is gone.</summary>
    public TimeSpan NextChunk { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Wait before another attempt: the cluster needs a moment to see that a silo is gone. Doubles with each attempt.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(200);
}
