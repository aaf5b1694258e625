using System.Collections.Immutable;

namespace Splitwiser.Client.CommandLine.Bench;

/// <summary>What became of one request.</summary>
internal sealed record BenchAnswer
{
    /// <summary>In one word why it failed; null for an answer.</summary>
    public string? Failure { get; init; }

    /// <summary>The server's words for it.</summary>
    public string? FailureMessage { get; init; }

    public int InputTokens { get; init; }
    public int CachedTokens { get; init; }
    public int OutputTokens { get; init; }

    /// <summary>From sending to the first token.</summary>
    public TimeSpan FirstToken { get; init; }

    /// <summary>From sending to the answer's end.</summary>
    public TimeSpan Total { get; init; }

    /// <summary>Between two pieces of the answer.</summary>
    public ImmutableArray<TimeSpan> Gaps { get; init; } = [];

    /// <summary>Mean time of a token after the first; null with fewer than two tokens.</summary>
    public TimeSpan? PerToken => OutputTokens > 1 ? (Total - FirstToken) / (OutputTokens - 1) : null;
}
