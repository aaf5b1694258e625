using System.Text.Json;

namespace Splitwiser.Models.Grammar;

/// <summary>
/// Whether no value can satisfy two schemas at once, as far as that can be seen from types, listed values, bounds and from members that both require.
/// What it does not see it takes as a no.
/// </summary>
internal sealed class SchemaExclusion(SchemaDocument document)
{
    private const int MaxDepth = 4;

    public bool Excludes(SchemaFacts a, SchemaFacts b) => Excludes(a, b, 0);

    private bool Excludes(SchemaFacts a, SchemaFacts b, int depth)
    {
        var types = Possible(a) & Possible(b);
        if (types == SchemaTypes.None) return true;
        if (a.Values is { } some && b.Values is { } others) return !some.Any(value => others.Any(other => JsonElement.DeepEquals(value, other)));
        if ((types & ~SchemaTypes.Number) == 0 && (Above(a, b) || Above(b, a))) return true;
        if ((types & ~SchemaTypes.Array) == 0 && (a.MinItems > b.MaxItems || b.MinItems > a.MaxItems)) return true;
        if ((types & ~SchemaTypes.String) == 0 && (a.MinLength > b.MaxLength || b.MinLength > a.MaxLength)) return true;
        return types == SchemaTypes.Object && depth < MaxDepth && a.Required.Intersect(b.Required).Any(name => Excludes(Member(a, name), Member(b, name), depth + 1));
    }

    /// <summary>Every number of the first is above all of the second.</summary>
    private static bool Above(SchemaFacts a, SchemaFacts b) => a.Least > b.Most || (a.Least == b.Most && a.Least is not null && (a.LeastExcluded || b.MostExcluded));

    private static SchemaTypes Possible(SchemaFacts facts)
    {
        var types = facts.AllowedTypes;
        return facts.Values is null ? types : types & facts.Values.Aggregate(SchemaTypes.None, (all, value) => all | ValueNodes.TypeOf(value));
    }

    private SchemaFacts Member(SchemaFacts facts, string name)
    {
        SchemaPart[] parts = [.. facts.Members.SelectMany(members => members.Named).Where(member => member.Name == name).Select(member => member.Schema)];
        return parts.Length == 0 ? new SchemaFacts { At = facts.At } : SchemaReader.Read(document.Flatten(parts));
    }
}
