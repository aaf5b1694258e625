using System.Globalization;
using System.Text.Json;

namespace Splitwiser.Models.Grammar;

/// <summary>Reads the keywords of schemas that hold together. One that can't be honoured is an error that names it; only annotations are passed over.</summary>
internal static class SchemaReader
{
    private static readonly HashSet<string> annotations =
    [
        "$schema", "$comment", "$defs", "definitions", "title", "description", "default", "example", "examples", "deprecated",
        "readOnly", "writeOnly", "discriminator",
    ];

    /// <exception cref="GrammarException">A keyword is unknown, malformed or not served.</exception>
    public static SchemaFacts Read(IReadOnlyList<SchemaPart> parts)
    {
        var facts = new SchemaFacts { At = parts[0] };
        foreach (var part in parts)
        {
            if (part.Element.ValueKind == JsonValueKind.True) continue;
            if (part.Element.ValueKind == JsonValueKind.False) facts.Keep([]);
            else Read(part, facts);
        }
        return facts;
    }

    private static void Read(SchemaPart part, SchemaFacts facts)
    {
        var seen = new HashSet<string>();
        foreach (var member in part.Element.EnumerateObject())
        {
            if (!seen.Add(member.Name)) throw part.Wrong(member.Name, $"'{member.Name}' stands there twice");
            Read(part, member.Name, member.Value, facts);
        }
        ReadItems(part, facts);
        ReadMembers(part, facts);
    }

    private static void Read(SchemaPart part, string keyword, JsonElement value, SchemaFacts facts)
    {
        int Count(SchemaTypes types) => Describes(types, ReadCount(part, keyword, value), facts);

        switch (keyword)
        {
            case "type":
                facts.Types &= ReadTypes(part, value);
                facts.IsTyped = true;
                break;
            case "enum":
                if (value.ValueKind != JsonValueKind.Array) throw part.Wrong(keyword, "enum is a list of values");
                facts.Keep([.. value.EnumerateArray()]);
                break;
            case "const":
                facts.Keep([value]);
                break;
            case "minLength":
                facts.MinLength = Math.Max(facts.MinLength, Count(SchemaTypes.String));
                break;
            case "maxLength":
                facts.MaxLength = Math.Min(facts.MaxLength ?? int.MaxValue, Count(SchemaTypes.String));
                break;
            case "pattern":
                facts.Patterns.Add(Describes(SchemaTypes.String, At(part, keyword, () => PatternReader.ReadSearch(ReadText(part, keyword, value))), facts));
                break;
            case "format":
                facts.Patterns.Add(Describes(SchemaTypes.String, SchemaFormats.Of(ReadText(part, keyword, value))
                    ?? throw part.Wrong(keyword, $"the format '{value.GetString()}' can't be honoured; served are {SchemaFormats.Names}"), facts));
                break;
            case "minimum" or "exclusiveMinimum":
                if (Describes(SchemaTypes.Number, ReadBound(part, keyword, value), facts) is var (least, farOff) && farOff != false) facts.RaiseLeast(least, keyword != "minimum");
                break;
            case "maximum" or "exclusiveMaximum":
                if (Describes(SchemaTypes.Number, ReadBound(part, keyword, value), facts) is var (most, beyond) && beyond != true) facts.LowerMost(most, keyword != "maximum");
                break;
            case "multipleOf":
                facts.Divisors.Add(Describes(SchemaTypes.Number, ReadBound(part, keyword, value).Value, facts));
                break;
            case "minItems":
                facts.MinItems = Math.Max(facts.MinItems, Count(SchemaTypes.Array));
                break;
            case "maxItems":
                facts.MaxItems = Math.Min(facts.MaxItems ?? int.MaxValue, Count(SchemaTypes.Array));
                break;
            case "minProperties":
                facts.MinProperties = Math.Max(facts.MinProperties, Count(SchemaTypes.Object));
                break;
            case "maxProperties":
                facts.MaxProperties = Math.Min(facts.MaxProperties ?? int.MaxValue, Count(SchemaTypes.Object));
                break;
            case "required":
                if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(name => name.ValueKind != JsonValueKind.String)) throw part.Wrong(keyword, "required is a list of names");
                foreach (var name in value.EnumerateArray().Select(name => Text(part, keyword, name)))
                    if (!facts.Required.Contains(name)) facts.Required.Add(name);
                facts.Described |= SchemaTypes.Object;
                break;
            case "properties" or "additionalProperties":
                facts.Described |= SchemaTypes.Object;
                break;
            case "items" or "prefixItems":
                facts.Described |= SchemaTypes.Array;
                break;
            case "additionalItems" when part.TryGet("items", out var items) && items.ValueKind == JsonValueKind.Array:
            case "uniqueItems" or "nullable" when value.ValueKind == JsonValueKind.False:
            case "$id" when part.Pointer == "#":
            case "$ref" or "allOf" or "anyOf" or "oneOf":
                break;
            default:
                if (!annotations.Contains(keyword) && !keyword.StartsWith("x-", StringComparison.Ordinal)) throw part.Wrong(keyword, $"the keyword '{keyword}' can't be honoured with this value");
                break;
        }
    }

    private static void ReadItems(SchemaPart part, SchemaFacts facts)
    {
        var hasItems = part.TryGet("items", out var items);
        var hasFirst = part.TryGet("prefixItems", out var first);
        var restKeyword = "items";
        if (hasItems && items.ValueKind == JsonValueKind.Array)     // as before 2020-12
        {
            if (hasFirst) throw part.Wrong("items", "items is no list beside prefixItems");
            (first, hasFirst, restKeyword) = (items, true, "additionalItems");
            hasItems = part.TryGet("additionalItems", out items);
        }
        if (!hasItems && !hasFirst) return;
        if (hasFirst && first.ValueKind != JsonValueKind.Array) throw part.Wrong("prefixItems", "prefixItems is a list of schemas");
        var firstKeyword = restKeyword == "items" ? "prefixItems" : "items";
        facts.Items.Add(new SchemaItems(
            hasFirst ? [.. first.EnumerateArray().Select((item, index) => part.Inside(firstKeyword, index, item))] : [],
            hasItems ? part.Inside(restKeyword, items) : null));
    }

    private static void ReadMembers(SchemaPart part, SchemaFacts facts)
    {
        var hasNamed = part.TryGet("properties", out var named);
        var hasOthers = part.TryGet("additionalProperties", out var others);
        if (!hasNamed && !hasOthers) return;
        if (hasNamed && named.ValueKind != JsonValueKind.Object) throw part.Wrong("properties", "properties is an object of schemas");
        var members = new List<(string Name, SchemaPart Schema)>();
        var names = new HashSet<string>();
        foreach (var member in hasNamed ? named.EnumerateObject() : default)
        {
            if (!names.Add(member.Name)) throw part.Wrong("properties", $"the property '{member.Name}' stands there twice");
            if (!IsWellFormed(member.Name)) throw part.Wrong("properties", "a property's name has half of a surrogate pair");
            members.Add((member.Name, part.Inside("properties", member.Name, member.Value)));
        }
        facts.Members.Add(new SchemaMembers(members, hasOthers ? part.Inside("additionalProperties", others) : null));
    }

    private static T Describes<T>(SchemaTypes types, T value, SchemaFacts facts)
    {
        facts.Described |= types;
        return value;
    }

    private static SchemaTypes ReadTypes(SchemaPart part, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array) return value.EnumerateArray().Aggregate(SchemaTypes.None, (types, type) => types | ReadType(part, type));
        return ReadType(part, value);
    }

    private static SchemaTypes ReadType(SchemaPart part, JsonElement value) => (value.ValueKind == JsonValueKind.String ? Text(part, "type", value) : null) switch
    {
        "null" => SchemaTypes.Null,
        "boolean" => SchemaTypes.Boolean,
        "string" => SchemaTypes.String,
        "integer" => SchemaTypes.Integer,
        "number" => SchemaTypes.Number,
        "array" => SchemaTypes.Array,
        "object" => SchemaTypes.Object,
        _ => throw part.Wrong("type", "type is null, boolean, string, integer, number, array or object, or a list of these"),
    };

    private static int ReadCount(SchemaPart part, string keyword, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var count) && count >= 0 && count == decimal.Truncate(count)
            ? (int)Math.Min(count, int.MaxValue / 4)
            : throw part.Wrong(keyword, $"{keyword} is a whole number, not below 0");

    /// <summary>A number; what is beyond all numbers that are written here says so: true for above, false for below.</summary>
    private static (decimal Value, bool? Beyond) ReadBound(SchemaPart part, string keyword, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Number) throw part.Wrong(keyword, $"{keyword} is a number");
        if (value.TryGetDecimal(out var bound))
        {
            if (bound == 0 && value.GetRawText().TakeWhile(character => character is not ('e' or 'E')).Any(character => character is > '0' and <= '9'))
                throw part.Wrong(keyword, $"{keyword} is too small a number");
            return (bound, null);
        }
        return (value.GetDouble() > 0 ? decimal.MaxValue : decimal.MinValue, value.GetDouble() > 0);
    }

    private static string ReadText(SchemaPart part, string keyword, JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? Text(part, keyword, value) : throw part.Wrong(keyword, $"{keyword} is a string");

    private static string Text(SchemaPart part, string keyword, JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw part.Wrong(keyword, $"{keyword} has half of a surrogate pair");
        }
    }

    private static T At<T>(SchemaPart part, string keyword, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (GrammarException e)
        {
            throw part.Wrong(keyword, e.Message);
        }
    }

    private static bool IsWellFormed(string text) => text.EnumerateRunes().Sum(rune => rune.Utf16SequenceLength) == text.Length && !text.Contains('\uFFFD', StringComparison.Ordinal);
}
