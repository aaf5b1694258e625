using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Splitwiser.Silo.Http.Wire;

/// <summary>"a" or ["a", "b"].</summary>
[JsonConverter(typeof(OneOrManyStringsConverter))]
internal sealed record OneOrManyStrings(ImmutableArray<string> Values);

internal sealed class OneOrManyStringsConverter : JsonConverter<OneOrManyStrings>
{
    private const string Expected = "expected a string or a list of strings";

    public override OneOrManyStrings Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
            return new([WireText.Read(ref reader)]);
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new FieldException(Expected);
        var values = ImmutableArray.CreateBuilder<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            values.Add(reader.TokenType == JsonTokenType.String ? WireText.Read(ref reader) : throw new FieldException(Expected));
        return new(values.ToImmutable());
    }

    public override void Write(Utf8JsonWriter writer, OneOrManyStrings value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var text in value.Values)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }
}
