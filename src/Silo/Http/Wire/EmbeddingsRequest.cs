using System.Text.Json;
using System.Text.Json.Serialization;

namespace Splitwiser.Silo.Http.Wire;

/// <summary>The body of POST /v1/embeddings. A null is as good as a missing field.</summary>
internal sealed record EmbeddingsRequest
{
    public string? Model { get; init; }

    /// <summary>A text, several, a list of token ids, or several.</summary>
    public PromptInput? Input { get; init; }

    /// <summary>"float", or "base64" for the bytes of the f32 values, little-endian.</summary>
    public string? EncodingFormat { get; init; }

    /// <summary>Length of the vectors; the model's own alone is served.</summary>
    public int? Dimensions { get; init; }

    // vLLM's
    public bool? AddSpecialTokens { get; init; }
    public int? Priority { get; init; }
    public string? CacheSalt { get; init; }
    public int? TruncatePromptTokens { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}
