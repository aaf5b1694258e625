using System.Text.Json;
using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Http;

/// <summary>The format that a request asks its answer to have: OpenAI's response_format, vLLM's structured_outputs and older guided_* fields, or llama.cpp's json_schema and grammar.</summary>
internal static class RequestedFormat
{
    /// <summary>Null for none. Whether a schema or pattern can be honoured is for the request grain to say.</summary>
    /// <exception cref="ApiException">400 that names the field at fault.</exception>
    public static OutputConstraint? Of(GenerationFields asked)
    {
        OutputConstraint?[] all =
        [
            OfResponseFormat(asked.ResponseFormat),
            OfSchema(asked.GuidedJson, "guided_json"),
            OfSchema(asked.JsonSchema, "json_schema"),
            OfPattern(asked.GuidedRegex, "guided_regex"),
            OfChoice(asked.GuidedChoice, "guided_choice"),
            OfGrammar(asked.GuidedGrammar, "guided_grammar"),
            OfGrammar(asked.Grammar is "" ? null : asked.Grammar, "grammar"), // llama.cpp's word for none
            .. asked.StructuredOutputs is { } structured ? OfStructured(structured) : [],
        ];
        OutputConstraint[] given = [.. all.OfType<OutputConstraint>()];
        return given.Length > 1 ? throw ApiException.Invalid($"{given[1].Field}: an answer has one format, and {given[0].Field} asks for one already.", given[1].Field) : given.FirstOrDefault();
    }

    private static OutputConstraint? OfResponseFormat(ResponseFormat? format)
    {
        switch (format?.Type)
        {
            case null when format is null:
            case "text":
                return null;
            case "json_object":
                return OutputConstraint.JsonObject with { Field = "response_format" };
            case "json_schema":
                var named = format.JsonSchema ?? throw ApiException.Invalid("response_format.json_schema: a name and a schema are needed.", "response_format.json_schema");
                if (string.IsNullOrEmpty(named.Name))
                    throw ApiException.Invalid("response_format.json_schema.name: a name is needed.", "response_format.json_schema.name");
                return OfSchema(named.Schema, "response_format.json_schema.schema")
                    ?? throw ApiException.Invalid("response_format.json_schema.schema: a schema is needed.", "response_format.json_schema.schema");
            default:
                throw ApiException.Invalid("response_format.type: expected \"text\", \"json_object\" or \"json_schema\".", "response_format.type");
        }
    }

    private static IEnumerable<OutputConstraint?> OfStructured(StructuredOutputs asked)
    {
        const string Field = "structured_outputs";
        foreach (var (name, value) in asked.Others ?? [])
            if (value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False))
                throw ApiException.Invalid($"{Field}.{name}: not served here.", $"{Field}.{name}", "unsupported_parameter");
        yield return OfSchema(asked.Json, $"{Field}.json");
        yield return asked.JsonObject == true ? OutputConstraint.JsonObject with { Field = $"{Field}.json_object" } : null;
        yield return OfPattern(asked.Regex, $"{Field}.regex");
        yield return OfChoice(asked.Choice, $"{Field}.choice");
        yield return OfGrammar(asked.Grammar, $"{Field}.grammar");
    }

    private static OutputConstraint? OfSchema(JsonElement? schema, string field) => schema switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False } => OutputConstraint.JsonSchema(schema.Value.GetRawText()) with { Field = field },
        { ValueKind: JsonValueKind.String } when !field.StartsWith("response_format", StringComparison.Ordinal) => OutputConstraint.JsonSchema(TextOf(schema.Value, field)) with { Field = field },
        _ => throw ApiException.Invalid($"{field}: expected a JSON schema.", field),
    };

    private static OutputConstraint? OfPattern(string? pattern, string field) => pattern is null ? null : OutputConstraint.Pattern(pattern) with { Field = field };

    private static OutputConstraint? OfGrammar(string? grammar, string field) => grammar is null ? null : OutputConstraint.Grammar(grammar) with { Field = field };

    private static OutputConstraint? OfChoice(string[]? texts, string field)
    {
        if (texts is null)
            return null;
        if (texts.Length == 0 || texts.Any(string.IsNullOrEmpty))
            throw ApiException.Invalid($"{field}: expected a list of texts, none of them empty.", field);
        return OutputConstraint.Choice(texts) with { Field = field };
    }

    private static string TextOf(JsonElement text, string field)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw ApiException.Invalid($"{field}: half of a surrogate pair.", field);
        }
    }
}
