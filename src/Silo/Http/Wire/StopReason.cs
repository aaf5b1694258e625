using System.Text.Json;
using System.Text.Json.Serialization;

namespace Splitwiser.Silo.Http.Wire;

/// <summary>A stop string, or a stop token's id: written as the string or the number alone.</summary>
[JsonConverter(typeof(StopReasonConverter))]
internal sealed record StopReason(string? Text, int TokenId);

internal sealed class StopReasonConverter : JsonConverter<StopReason>
{
    public override StopReason Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number ? new(null, reader.GetInt32()) : new(reader.GetString(), 0);

    public override void Write(Utf8JsonWriter writer, StopReason value, JsonSerializerOptions options)
    {
        if (value.Text is { } text)
            writer.WriteStringValue(text);
        else
            writer.WriteNumberValue(value.TokenId);
    }
}
