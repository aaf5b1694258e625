using System.Text.Json;
using System.Text.RegularExpressions;

namespace Splitwiser.Tests;

/// <summary>A small JSON Schema validator of its own: it walks the value, where the grammar writes it.</summary>
internal static class SchemaValidator
{
    public static bool IsValid(JsonElement value, JsonElement schema) => IsValid(value, schema, schema);

    private static bool IsValid(JsonElement value, JsonElement schema, JsonElement root)
    {
        if (schema.ValueKind == JsonValueKind.True) return true;
        if (schema.ValueKind == JsonValueKind.False) return false;
        return schema.EnumerateObject().All(keyword => Holds(keyword.Name, keyword.Value, value, schema, root));
    }

    private static bool Holds(string keyword, JsonElement rule, JsonElement value, JsonElement schema, JsonElement root)
    {
        var isText = value.ValueKind == JsonValueKind.String;
        var isNumber = value.ValueKind == JsonValueKind.Number;
        var isArray = value.ValueKind == JsonValueKind.Array;
        var isObject = value.ValueKind == JsonValueKind.Object;
        return keyword switch
        {
            "$defs" or "title" => true,
            "$ref" => IsValid(value, rule.GetString()!.Split('/').Skip(1).Aggregate(root, (found, step) => found.GetProperty(step)), root),
            "type" => rule.ValueKind == JsonValueKind.Array ? rule.EnumerateArray().Any(type => IsOf(type.GetString()!, value)) : IsOf(rule.GetString()!, value),
            "enum" => rule.EnumerateArray().Any(other => JsonElement.DeepEquals(other, value)),
            "const" => JsonElement.DeepEquals(rule, value),
            "anyOf" => rule.EnumerateArray().Any(other => IsValid(value, other, root)),
            "oneOf" => rule.EnumerateArray().Count(other => IsValid(value, other, root)) == 1,
            "allOf" => rule.EnumerateArray().All(other => IsValid(value, other, root)),
            "minLength" => !isText || value.GetString()!.EnumerateRunes().Count() >= rule.GetInt32(),
            "maxLength" => !isText || value.GetString()!.EnumerateRunes().Count() <= rule.GetInt32(),
            "pattern" => !isText || Regex.IsMatch(value.GetString()!, rule.GetString()!, RegexOptions.ECMAScript),
            "format" => !isText || HasFormat(rule.GetString()!, value.GetString()!),
            "minimum" => !isNumber || value.GetDecimal() >= rule.GetDecimal(),
            "maximum" => !isNumber || value.GetDecimal() <= rule.GetDecimal(),
            "exclusiveMinimum" => !isNumber || value.GetDecimal() > rule.GetDecimal(),
            "exclusiveMaximum" => !isNumber || value.GetDecimal() < rule.GetDecimal(),
            "multipleOf" => !isNumber || value.GetDecimal() % rule.GetDecimal() == 0,
            "minItems" => !isArray || value.GetArrayLength() >= rule.GetInt32(),
            "maxItems" => !isArray || value.GetArrayLength() <= rule.GetInt32(),
            "prefixItems" => !isArray || value.EnumerateArray().Zip(rule.EnumerateArray()).All(pair => IsValid(pair.First, pair.Second, root)),
            "items" => !isArray || value.EnumerateArray().Skip(schema.TryGetProperty("prefixItems", out var first) ? first.GetArrayLength() : 0).All(item => IsValid(item, rule, root)),
            "minProperties" => !isObject || value.EnumerateObject().Count() >= rule.GetInt32(),
            "maxProperties" => !isObject || value.EnumerateObject().Count() <= rule.GetInt32(),
            "required" => !isObject || rule.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _)),
            "properties" => !isObject || value.EnumerateObject().All(member => !rule.TryGetProperty(member.Name, out var own) || IsValid(member.Value, own, root)),
            "additionalProperties" => !isObject || value.EnumerateObject().Where(member => !schema.TryGetProperty("properties", out var named) || !named.TryGetProperty(member.Name, out _)).All(member => IsValid(member.Value, rule, root)),
            _ => throw new NotSupportedException(keyword),
        };
    }

    private static bool IsOf(string type, JsonElement value) => type switch
    {
        "null" => value.ValueKind == JsonValueKind.Null,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "string" => value.ValueKind == JsonValueKind.String,
        "array" => value.ValueKind == JsonValueKind.Array,
        "object" => value.ValueKind == JsonValueKind.Object,
        "integer" => value.ValueKind == JsonValueKind.Number && decimal.IsInteger(value.GetDecimal()),
        _ => value.ValueKind == JsonValueKind.Number,
    };

    private static bool HasFormat(string format, string text) => format switch
    {
        "uuid" => Guid.TryParseExact(text, "D", out _),
        "date" => text.StartsWith("0000", StringComparison.Ordinal) || DateOnly.TryParseExact(text, "yyyy-MM-dd", out _),
        "ipv4" => System.Net.IPAddress.TryParse(text, out var address) && address.ToString() == text,
        "date-time" => text.StartsWith("0000", StringComparison.Ordinal) || DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out _) || text.Contains(":60", StringComparison.Ordinal),
        _ => throw new NotSupportedException(format),
    };
}
