using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Splitwiser.Silo.Http.Wire;

/// <summary>One message of a chat; what else it carries goes to the template as it is.</summary>
internal sealed record ChatMessageInput
{
    public string? Role { get; init; }

    /// <summary>Null in an assistant's message of calls alone.</summary>
    [JsonConverter(typeof(MessageContentConverter))]
    public string? Content { get; init; }

    /// <summary>What an assistant said instead of content.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Refusal { get; init; }

    /// <summary>Of an assistant's message; a template may ask whether there are any.</summary>
    [JsonConverter(typeof(ToolCallsConverter)), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? ToolCalls { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}

/// <summary>"text", or [{"type": "text", "text": "..."}, ...], whose texts are joined by line ends as vLLM joins them.</summary>
internal sealed class MessageContentConverter : JsonConverter<string>
{
    public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
            return WireText.Read(ref reader);
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new FieldException("expected a string or a list of text parts");
        var text = new StringBuilder();
        for (var first = true; reader.Read() && reader.TokenType != JsonTokenType.EndArray; first = false)
            text.Append(first ? "" : "\n").Append(Part(ref reader));
        return text.ToString();
    }

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    private static string Part(ref Utf8JsonReader reader)
    {
        using var part = JsonDocument.ParseValue(ref reader);
        var root = part.RootElement;
        if (root.ValueKind == JsonValueKind.Object
            && root.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
            && (type.ValueEquals("text") ? "text" : type.ValueEquals("refusal") ? "refusal" : null) is { } name
            && root.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String)
            return WireText.Of(text);
        throw new FieldException("only parts of type 'text', and an assistant's 'refusal', are served");
    }
}
