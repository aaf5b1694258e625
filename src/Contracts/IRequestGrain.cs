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

    /// <summary>
    /// How the newest call of <see cref="Generate"/> stands. A caller that hears nothing asks: a grain that came up anew, because its silo is
    /// gone, knows of none, and one that waits for a reader who waits for it has sent a chunk that was lost on the way.
    /// </summary>
    [Alias("State")]
    Task<RequestState> State(CancellationToken cancellationToken = default);
}
