using System.Text.Json;

namespace Splitwiser.Models.Grammar;

/// <summary>A schema's text: where references within it lead, and what applies at one place, with references and allOf followed.</summary>
internal sealed class SchemaDocument(JsonElement root)
{
    private const int MaxParts = 1000;

    public SchemaPart Root { get; } = new("#", root);

    /// <summary>All schemas that hold where these do, references and allOf followed.</summary>
    /// <exception cref="GrammarException">A reference leads nowhere or round in a circle, or the schema is no schema.</exception>
    public List<SchemaPart> Flatten(IEnumerable<SchemaPart> parts)
    {
        var flat = new List<SchemaPart>();
        var seen = new HashSet<string>();
        var way = new HashSet<string>();
        foreach (var part in parts) Follow(part);
        return flat;

        void Follow(SchemaPart part)
        {
            if (part.Element.ValueKind is not (JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False))
                throw part.Wrong("schema", "a schema is an object, true or false");
            if (way.Contains(part.Pointer) && !part.Has(SchemaSteps.Reference) && !part.Has(SchemaSteps.AllOf))
                throw part.Wrong("$ref", "$ref leads back to itself");
            if (!seen.Add(part.Key)) return;
            if (seen.Count > MaxParts) throw part.Wrong("allOf", "too many schemas apply at one place");
            if (part.Element.ValueKind == JsonValueKind.Object)
            {
                var entered = way.Add(part.Pointer);
                if (!part.Has(SchemaSteps.Reference) && part.TryGet("$ref", out var reference))
                {
                    part = part.After(SchemaSteps.Reference);
                    Follow(Resolve(part, reference));
                }
                if (!part.Has(SchemaSteps.AllOf) && part.TryGet("allOf", out var all))
                {
                    part = part.After(SchemaSteps.AllOf);
                    foreach (var (branch, index) in Branches(part, "allOf", all)) Follow(part.Inside("allOf", index, branch));
                }
                if (entered) way.Remove(part.Pointer);
            }
            flat.Add(part);
        }
    }

    /// <summary>The schemas in a list of them.</summary>
    public static IEnumerable<(JsonElement Branch, int Index)> Branches(SchemaPart part, string keyword, JsonElement list)
    {
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() == 0) throw part.Wrong(keyword, $"{keyword} is a list of schemas with at least one");
        return list.EnumerateArray().Select((branch, index) => (branch, index));
    }

    private SchemaPart Resolve(SchemaPart part, JsonElement reference)
    {
        if (reference.ValueKind != JsonValueKind.String || reference.GetString() is not { } text || !text.StartsWith('#') || (text.Length > 1 && text[1] != '/'))
            throw part.Wrong("$ref", "$ref is served within the schema only: '#' or '#/...'");
        var found = root;
        foreach (var step in text.Split('/').Skip(1).Select(Uri.UnescapeDataString).Select(step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)))
        {
            if (found.ValueKind == JsonValueKind.Object && found.TryGetProperty(step, out var member)) found = member;
            else if (found.ValueKind == JsonValueKind.Array && int.TryParse(step, System.Globalization.NumberStyles.None, null, out var index) && index < found.GetArrayLength()) found = found[index];
            else throw part.Wrong("$ref", $"$ref '{text}' leads nowhere");
        }
        return new SchemaPart(text.TrimEnd('/'), found);
    }
}
