using System.Collections.Immutable;
using Orleans;

namespace Splitwiser;

/// <summary>One text made a vector. Keyed by a guid that the caller draws; lives on the silo that took the call.</summary>
[Alias("splitwiser.IEmbeddingGrain")]
public interface IEmbeddingGrain : IGrainWithGuidKey
{
    /// <summary>
    /// Throws <see cref="RequestRefusedException"/> when the request can't be served, or not now, or when the device gives no hidden
    /// states; <see cref="RequestLostException"/> when every device that was tried failed.
    /// </summary>
    [Alias("Embed"), ResponseTimeout("01:00:00")]
    Task<EmbeddingResult> Embed(EmbeddingRequest request, CancellationToken cancellationToken = default);
}

/// <summary>What to make a vector of: exactly one of text and token ids.</summary>
[GenerateSerializer, Immutable, Alias("splitwiser.EmbeddingRequest")]
public sealed record EmbeddingRequest
{
    [Id(0)] public string? Text { get; init; }

    /// <summary>Taken as they are; default when Text is given.</summary>
    [Id(1)] public ImmutableArray<int> TokenIds { get; init; }

    /// <summary>Served model name; null for the one that is served.</summary>
    [Id(2)] public string? Model { get; init; }

    /// <summary>Null for the one that the model is served with.</summary>
    [Id(3)] public Pooling? Pooling { get; init; }

    /// <summary>Adds BOS, EOS and the like to a text.</summary>
    [Id(4)] public bool AddSpecialTokens { get; init; } = true;

    /// <summary>Place in the queue before its length counts: the lowest goes first.</summary>
    [Id(5)] public int Priority { get; init; }

    [Id(6)] public string? CacheSalt { get; init; }

    /// <summary>Texts of one call are taken in together: none is refused because others of it wait. Null for a call of its own.</summary>
    [Id(7)] public Guid? Call { get; init; }

    /// <summary>As <see cref="GenerateRequest.TruncatePrompt"/>.</summary>
    [Id(8)] public int? TruncatePrompt { get; init; }
}

/// <summary>A text's vector.</summary>
/// <param name="Vector">(hidden size) of length 1; all zeros when the states were.</param>
/// <param name="PromptTokens">Tokens of the text.</param>
[GenerateSerializer, Immutable, Alias("splitwiser.EmbeddingResult")]
public sealed record EmbeddingResult([property: Id(0)] ImmutableArray<float> Vector, [property: Id(1)] int PromptTokens);

/// <summary>How the last layer's hidden states, behind the final norm, become one vector.</summary>
public enum Pooling
{
    /// <summary>Their mean over all tokens.</summary>
    Mean,

    /// <summary>The last token's.</summary>
    Last,
}
