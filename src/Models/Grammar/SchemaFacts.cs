using System.Text.Json;

namespace Splitwiser.Models.Grammar;

/// <summary>What one or several schemas together say of a value: the sum of their keywords, without references and alternatives.</summary>
internal sealed class SchemaFacts
{
    /// <summary>Where the first of them stands.</summary>
    public required SchemaPart At { get; init; }

    public SchemaTypes Types { get; set; } = SchemaTypes.All;

    /// <summary>A type was named; otherwise the keywords themselves say which types are meant.</summary>
    public bool IsTyped { get; set; }

    /// <summary>Types that have keywords here.</summary>
    public SchemaTypes Described { get; set; }

    /// <summary>The only values, null for any.</summary>
    public List<JsonElement>? Values { get; set; }

    // strings
    public int MinLength { get; set; }
    public int? MaxLength { get; set; }
    public List<PatternPart> Patterns { get; } = [];

    // numbers
    public decimal? Least { get; set; }
    public bool LeastExcluded { get; set; }
    public decimal? Most { get; set; }
    public bool MostExcluded { get; set; }
    public List<decimal> Divisors { get; } = [];

    // arrays and objects
    public int MinItems { get; set; }
    public int? MaxItems { get; set; }
    public int MinProperties { get; set; }
    public int? MaxProperties { get; set; }

    /// <summary>Names in the order in which they were first told.</summary>
    public List<string> Required { get; } = [];

    /// <summary>What each of the schemas says of items and members: one that is silent of them is not here.</summary>
    public List<SchemaItems> Items { get; } = [];
    public List<SchemaMembers> Members { get; } = [];

    public bool IsUntouched => Described == SchemaTypes.None && Values is null;

    public void RaiseLeast(decimal bound, bool excluded)
    {
        if (Least is null || bound > Least || (bound == Least && excluded)) (Least, LeastExcluded) = (bound, excluded);
    }

    public void LowerMost(decimal bound, bool excluded)
    {
        if (Most is null || bound < Most || (bound == Most && excluded)) (Most, MostExcluded) = (bound, excluded);
    }

    public void Keep(List<JsonElement> values) =>
        Values = Values is null ? values : [.. Values.Where(value => values.Any(other => JsonElement.DeepEquals(value, other)))];

    /// <summary>The types that values may have: where none was named, those that are described, or all.</summary>
    public SchemaTypes AllowedTypes => IsTyped || Described == SchemaTypes.None || Values is not null ? Types : Types & Described;
}

/// <summary>What one schema says of an array's items: those at the beginning, and all behind them.</summary>
internal sealed record SchemaItems(IReadOnlyList<SchemaPart> First, SchemaPart? Rest)
{
    /// <summary>Null for no schema.</summary>
    public SchemaPart? At(int index) => index < First.Count ? First[index] : Rest;
}

/// <summary>What one schema says of an object's members.</summary>
/// <param name="Others">Its additionalProperties, null where it has none.</param>
internal sealed record SchemaMembers(IReadOnlyList<(string Name, SchemaPart Schema)> Named, SchemaPart? Others);
