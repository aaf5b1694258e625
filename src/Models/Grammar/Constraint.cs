using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Splitwiser.Models.Grammar;

/// <summary>What an output must look like, as data: a format, or formats put together.</summary>
public sealed record Constraint
{
    public required ConstraintKind Kind { get; init; }

    /// <summary>The schema, pattern, text or token.</summary>
    public string Source { get; init; } = "";

    /// <summary>Of a sequence, a choice or a repetition (what is repeated, then what is between if anything).</summary>
    public ImmutableArray<Constraint> Parts { get; init; } = [];

    /// <summary>How often something is repeated.</summary>
    public int Least { get; init; }

    /// <summary>Null for any number.</summary>
    public int? Most { get; init; }

    /// <summary>Equal for equal constraints.</summary>
    internal string Key
    {
        get
        {
            var key = new StringBuilder();
            Write(this);
            return key.ToString();

            void Write(Constraint constraint)
            {
                key.Append(CultureInfo.InvariantCulture, $"{(int)constraint.Kind},{constraint.Least},{constraint.Most},{constraint.Parts.Length},{constraint.Source.Length}:{constraint.Source}");
                foreach (var part in constraint.Parts) Write(part);
            }
        }
    }
}

/// <summary>What <see cref="Constraint.Source"/> and <see cref="Constraint.Parts"/> mean.</summary>
public enum ConstraintKind
{
    /// <summary>Any JSON object.</summary>
    JsonObject,

    /// <summary>JSON of the schema in Source.</summary>
    JsonSchema,

    /// <summary>A text of which the whole matches the regular expression in Source.</summary>
    Pattern,

    /// <summary>The text in Source.</summary>
    Text,

    /// <summary>The special token whose content is in Source.</summary>
    Token,

    /// <summary>The parts one after the other.</summary>
    Sequence,

    /// <summary>One of the parts.</summary>
    OneOf,

    /// <summary>The first part Least to Most times, the second one, if any, between.</summary>
    Repeat,

    /// <summary>A text of the GBNF grammar in Source.</summary>
    Grammar,
}
