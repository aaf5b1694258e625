namespace Splitwiser.Silo.Http;

/// <summary>What all chunks of one answer share.</summary>
internal sealed record AnswerHead(string Id, long Created, string Model)
{
    /// <param name="requestId">The caller's own id of it; null draws one.</param>
    public static AnswerHead New(string prefix, string? requestId, string model, TimeProvider time) =>
        new($"{prefix}-{requestId ?? $"{Guid.NewGuid():N}"}", time.GetUtcNow().ToUnixTimeSeconds(), model);
}
