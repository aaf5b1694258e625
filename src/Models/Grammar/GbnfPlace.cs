namespace Splitwiser.Models.Grammar;

/// <summary>A place in the text of a grammar, both from 1.</summary>
internal readonly record struct GbnfPlace(int Line, int Column)
{
    public GrammarException Wrong(string message) => new($"line {Line}, column {Column}", "grammar", $"line {Line}, column {Column}: {message}");
}
