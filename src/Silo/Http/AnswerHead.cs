namespace Splitwiser.Silo.Http;

/// <summary>What all chunks of one answer share.</summary>
internal sealed record AnswerHead(string Id, long Created, string Model)
{
    public static AnswerHead New(string prefix, string model, TimeProvider time) =>
        new($"{prefix}-{Guid.NewGuid():N}", time.GetUtcNow().ToUnixTimeSeconds(), model);
}
