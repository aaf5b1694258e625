using System.Collections.Immutable;
using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Http;

/// <summary>How the API spells an answer's end.</summary>
internal static class Endings
{
    public static string? FinishReason(GenerationEnd? end) => end?.Reason switch
    {
        null => null,
        Splitwiser.FinishReason.Length => "length",
        _ => "stop",
    };

    /// <summary>The stop string, or the token of the request's stop_token_ids; null for EOS and max_tokens, as in vLLM.</summary>
    public static StopReason? StopReason(GenerationEnd? end, ImmutableArray<int> stopTokenIds) => end switch
    {
        { StopString: { } text } => new(text, 0),
        { StopTokenId: { } id } when stopTokenIds.Contains(id) => new(null, id),
        _ => null,
    };
}
