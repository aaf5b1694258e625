namespace Splitwiser.Models.Grammar;

/// <summary>A schema or pattern asks for what can't be honoured here, or for nothing that can be.</summary>
/// <param name="pointer">Where, as a JSON pointer from the schema's root: "#/properties/age"; "" where there is no schema.</param>
/// <param name="keyword">The keyword at fault, where one is.</param>
public sealed class GrammarException(string pointer, string? keyword, string message) : Exception(message)
{
    public string Pointer { get; } = pointer;

    public string? Keyword { get; } = keyword;
}
