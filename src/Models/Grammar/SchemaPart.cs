using System.Text.Json;

namespace Splitwiser.Models.Grammar;

/// <summary>A schema at its place in the document; what of it was dealt with already is left out.</summary>
internal readonly record struct SchemaPart(string Pointer, JsonElement Element, SchemaSteps Done = SchemaSteps.None)
{
    /// <summary>Names it within its document.</summary>
    public string Key => $"{Pointer} {(int)Done}";

    public bool Has(SchemaSteps step) => (Done & step) != 0;

    public SchemaPart After(SchemaSteps step) => this with { Done = Done | step };

    public SchemaPart Inside(string keyword, JsonElement element) => new($"{Pointer}/{keyword}", element);

    public SchemaPart Inside(string keyword, string name, JsonElement element) => new($"{Pointer}/{keyword}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}", element);

    public SchemaPart Inside(string keyword, int index, JsonElement element) => new($"{Pointer}/{keyword}/{index}", element);

    public GrammarException Wrong(string keyword, string message) => new(Pointer, keyword, $"{Pointer}: {message}");

    public bool TryGet(string keyword, out JsonElement value) => Element.TryGetProperty(keyword, out value);
}

/// <summary>Parts of a schema that say it in terms of other schemas.</summary>
[Flags]
internal enum SchemaSteps
{
    None = 0,
    Reference = 1,
    AllOf = 2,
    AnyOf = 4,
    OneOf = 8,
}
