using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Splitwiser.Silo.Http.Wire;

/// <summary>"text", ["text", ...], [ids] or [[ids], ...]: the prompts of one request, in order.</summary>
[JsonConverter(typeof(PromptInputConverter))]
internal sealed record PromptInput(ImmutableArray<Prompt> Prompts);

/// <summary>Exactly one of text and ids.</summary>
internal readonly record struct Prompt(string? Text, ImmutableArray<int> Ids);

internal sealed class PromptInputConverter : JsonConverter<PromptInput>
{
    private const string Expected = "expected a string, a list of strings, a list of token ids or a list of lists of token ids";

    public override PromptInput Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
            return new([Text(ref reader)]);
        if (reader.TokenType != JsonTokenType.StartArray || !reader.Read())
            throw new FieldException(Expected);
        return reader.TokenType switch
        {
            JsonTokenType.Number => new([Ids(ref reader)]),
            JsonTokenType.String or JsonTokenType.StartArray => new(Prompts(ref reader)),
            JsonTokenType.EndArray => new([]),
            _ => throw new FieldException(Expected),
        };
    }

    public override void Write(Utf8JsonWriter writer, PromptInput value, JsonSerializerOptions options) =>
        throw new NotSupportedException("Prompts are only read.");

    /// <summary>From the outer list's first element to its end.</summary>
    private static ImmutableArray<Prompt> Prompts(ref Utf8JsonReader reader)
    {
        var prompts = ImmutableArray.CreateBuilder<Prompt>();
        do
        {
            if (reader.TokenType == JsonTokenType.String)
                prompts.Add(Text(ref reader));
            else if (reader.TokenType == JsonTokenType.StartArray && reader.Read())
                prompts.Add(Ids(ref reader));
            else
                throw new FieldException(Expected);
        }
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray);
        return prompts.DrainToImmutable();
    }

    private static Prompt Text(ref Utf8JsonReader reader) => new(WireText.Read(ref reader), default);

    /// <summary>From a list's first id (or its end) to its end.</summary>
    private static Prompt Ids(ref Utf8JsonReader reader)
    {
        var ids = ImmutableArray.CreateBuilder<int>();
        for (; reader.TokenType != JsonTokenType.EndArray; reader.Read())
            ids.Add(reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var id) ? id : throw new FieldException(Expected));
        return new(null, ids.DrainToImmutable());
    }
}
