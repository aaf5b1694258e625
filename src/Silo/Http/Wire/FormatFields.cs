using System.Text.Json;
using System.Text.Json.Serialization;

namespace Splitwiser.Silo.Http.Wire;

/// <summary>OpenAI's response_format.</summary>
internal sealed record ResponseFormat
{
    /// <summary>"text", "json_object" or "json_schema".</summary>
    public string? Type { get; init; }
    public JsonSchemaFormat? JsonSchema { get; init; }
}

internal sealed record JsonSchemaFormat
{
    public string? Name { get; init; }
    public string? Description { get; init; }
    public JsonElement? Schema { get; init; }

    /// <summary>The schema is kept to whether or not this is set.</summary>
    public bool? Strict { get; init; }
}

/// <summary>vLLM's structured_outputs.</summary>
internal sealed record StructuredOutputs
{
    /// <summary>A schema, as JSON or as a string of JSON.</summary>
    public JsonElement? Json { get; init; }
    public bool? JsonObject { get; init; }
    public string? Regex { get; init; }
    public string[]? Choice { get; init; }
    public string? Grammar { get; init; }

    /// <summary>What isn't named here, for <see cref="UnservedFields"/>.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}
