using System.Collections.Immutable;
using Orleans;

namespace Splitwiser;

/// <summary>
/// What the answer's text must look like: a format, or formats put together. Tokens that don't fit are never sampled, and the answer ends exactly where the
/// format is complete; only max_tokens and stop strings can cut it before. Compiled once by each silo.
/// </summary>
[GenerateSerializer, Immutable, Alias("splitwiser.OutputConstraint")]
public sealed record OutputConstraint
{
    [Id(0)] public required OutputFormat Format { get; init; }

    /// <summary>The schema (as JSON), pattern, grammar, text or token.</summary>
    [Id(1)] public string Source { get; init; } = "";

    /// <summary>Of a sequence, a choice, or a repetition: what is repeated, then what is between if anything.</summary>
    [Id(2)] public ImmutableArray<OutputConstraint> Parts { get; init; } = [];

    /// <summary>How often something is repeated at least.</summary>
    [Id(3)] public int Least { get; init; }

    /// <summary>And at most; null for any number.</summary>
    [Id(4)] public int? Most { get; init; }

    /// <summary>The request's field that asked for it, named when it is refused.</summary>
    [Id(5)] public string? Field { get; init; }

    public static OutputConstraint JsonObject { get; } = new() { Format = OutputFormat.JsonObject };

    /// <param name="schema">The schema as JSON; docs/design tells which keywords are served.</param>
    public static OutputConstraint JsonSchema(string schema) => new() { Format = OutputFormat.JsonSchema, Source = schema };

    /// <summary>Texts of which the whole matches a regular expression.</summary>
    public static OutputConstraint Pattern(string pattern) => new() { Format = OutputFormat.Pattern, Source = pattern };

    /// <summary>Texts of a grammar as llama.cpp writes them (GBNF), from its rule "root" on.</summary>
    public static OutputConstraint Grammar(string grammar) => new() { Format = OutputFormat.Grammar, Source = grammar };

    public static OutputConstraint Text(string text) => new() { Format = OutputFormat.Text, Source = text };

    /// <summary>A special token by its content, such as the mark before a tool call; one that is not special is a text.</summary>
    public static OutputConstraint Token(string content) => new() { Format = OutputFormat.Token, Source = content };

    public static OutputConstraint Choice(params IEnumerable<string> texts) => OneOf(texts.Select(Text));

    public static OutputConstraint Sequence(params IEnumerable<OutputConstraint> parts) => new() { Format = OutputFormat.Sequence, Parts = [.. parts] };

    public static OutputConstraint OneOf(params IEnumerable<OutputConstraint> parts) => new() { Format = OutputFormat.OneOf, Parts = [.. parts] };

    public static OutputConstraint Repeat(OutputConstraint part, int least, int? most, OutputConstraint? separator = null) =>
        new() { Format = OutputFormat.Repeat, Parts = separator is null ? [part] : [part, separator], Least = least, Most = most };
}

/// <summary>What an <see cref="OutputConstraint"/> asks for.</summary>
public enum OutputFormat
{
    /// <summary>Any JSON object.</summary>
    JsonObject,

    /// <summary>JSON that satisfies a schema.</summary>
    JsonSchema,

    /// <summary>A text that matches a regular expression.</summary>
    Pattern,

    /// <summary>A fixed text.</summary>
    Text,

    /// <summary>A special token.</summary>
    Token,

    /// <summary>The parts one after the other.</summary>
    Sequence,

    /// <summary>One of the parts.</summary>
    OneOf,

    /// <summary>The first part over and over, the second one, if any, between.</summary>
    Repeat,

    /// <summary>A text of a grammar.</summary>
    Grammar,
}
