using Orleans;

namespace Splitwiser;

/// <summary>One request, from prompt to last token. Keyed by a guid that the caller draws; lives on the silo that took the call.</summary>
[Alias("splitwiser.IRequestGrain")]
public interface IRequestGrain : IGrainWithGuidKey
{
    /// <summary>
    /// Streams the answer. The first chunk carries <see cref="TokenChunk.Start"/>, the last one <see cref="TokenChunk.End"/>.
    /// A second call on a live request ends the first. Throws <see cref="RequestRefusedException"/> before anything is leased,
    /// or <see cref="RequestLostException"/> when no device could finish it.
    /// </summary>
    [Alias("Generate")]
    IAsyncEnumerable<TokenChunk> Generate(GenerateRequest request, CancellationToken cancellationToken = default);

    /// <summary>Whether a call of <see cref="Generate"/> is at work here. A caller that hears nothing asks: a grain that came up anew, because its silo is gone, knows of none.</summary>
    [Alias("IsRunning")]
    Task<bool> IsRunning(CancellationToken cancellationToken = default);
}
