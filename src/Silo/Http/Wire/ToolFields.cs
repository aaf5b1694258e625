using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Splitwiser.Silo.Http.Wire;

/// <summary>A call of a tool, as answers carry it. In a stream the id and the name come once, then pieces of the arguments.</summary>
internal sealed record ToolCallOutput
{
    /// <summary>In a stream: which call of the answer.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Index { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Id { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Type { get; init; }

    public required FunctionOutput Function { get; init; }
}

/// <param name="Arguments">JSON text, as the model wrote it.</param>
internal sealed record FunctionOutput([property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Name, string Arguments);

/// <summary>
/// The calls in a message of the assistant, on their way to the template: their arguments, which the API has as JSON text, become
/// the object that templates expect.
/// </summary>
internal sealed class ToolCallsConverter : JsonConverter<JsonElement?>
{
    public override JsonElement? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        try
        {
            return document.RootElement.ValueKind == JsonValueKind.Null ? null : ForTemplate(document.RootElement);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or (JsonException and not FieldException))
        {
            throw new FieldException("expected calls without doubled names and halves of surrogate pairs");
        }
    }

    public override void Write(Utf8JsonWriter writer, JsonElement? value, JsonSerializerOptions options) => value!.Value.WriteTo(writer);

    private static JsonElement ForTemplate(JsonElement given)
    {
        if (given.ValueKind != JsonValueKind.Array)
            throw new FieldException("expected a list of calls");
        var calls = JsonArray.Create(given)!;
        foreach (var call in calls)
        {
            if (call is not JsonObject item || item["function"] is not JsonObject function || function["name"]?.GetValueKind() != JsonValueKind.String)
                throw new FieldException("expected calls of the form {\"function\": {\"name\": ..., \"arguments\": ...}}");
            function["arguments"] = Arguments(function["arguments"]);
        }

        return JsonSerializer.SerializeToElement(calls, WireJson.Default.JsonArray);
    }

    private static JsonObject Arguments(JsonNode? given)
    {
        try
        {
            return given switch
            {
                null => [],
                JsonObject there => (JsonObject)there.DeepClone(),
                _ when given.GetValueKind() == JsonValueKind.String && string.IsNullOrWhiteSpace(given.GetValue<string>()) => [],
                _ when given.GetValueKind() == JsonValueKind.String => JsonNode.Parse(given.GetValue<string>()) as JsonObject ?? throw NoObject(),
                _ => throw NoObject(),
            };
        }
        catch (Exception e) when (e is JsonException and not FieldException)
        {
            throw NoObject();
        }
    }

    private static FieldException NoObject() => new("expected a call's arguments to be the text of a JSON object");
}
