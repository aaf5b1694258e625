using System.Text.RegularExpressions;

namespace Splitwiser.Models.Tokenization.Patterns;

/// <summary>A literal or a regular expression that text is cut by, as tokenizer.json gives it.</summary>
internal sealed class TextPattern
{
    private static readonly TimeSpan longestMatch = TimeSpan.FromSeconds(5);
    private readonly JsonPart place;
    private readonly string? literal;
    private readonly Lazy<Regex> plain; // for text without surrogate pairs
    private readonly Lazy<Regex> full;

    private TextPattern(JsonPart part, string? literal, string pattern)
    {
        place = part.Place();
        this.literal = literal;
        plain = new Lazy<Regex>(() => Compile(pattern, pairs: false));
        full = new Lazy<Regex>(() => Compile(pattern, pairs: true));
    }

    /// <summary>The text that is looked for, where the pattern is no expression.</summary>
    public string? Literal => literal;

    /// <summary>Reads {"String": "..."} or {"Regex": "..."}.</summary>
    public static TextPattern Read(JsonPart part)
    {
        if (part.Member("String") is { } text)
            return Verbatim(text, text.Text());
        if (part.Member("Regex") is not { } regex)
            throw part.Wrong("{\"String\": ...} or {\"Regex\": ...}");
        return Expression(regex, regex.Text());
    }

    /// <summary>A text that stands for itself; an empty one matches between all characters.</summary>
    public static TextPattern Verbatim(JsonPart part, string text) => text.Length > 0 ? new TextPattern(part, text, "") : Expression(part, "");

    /// <summary>A regular expression; <paramref name="part"/> is what asks for it.</summary>
    public static TextPattern Expression(JsonPart part, string pattern)
    {
        try
        {
            PatternTranslator.Translate(pattern, pairs: true);
        }
        catch (PatternException e)
        {
            throw part.Wrong("a regular expression that is served", e.Message);
        }

        return new TextPattern(part, null, pattern);
    }

    /// <summary>An expression that no file gives, compiled once for all tokenizers.</summary>
    public static TextPattern BuiltIn(string pattern) => new(new JsonPart("(built in)", default), null, pattern);

    /// <summary>Cuts the whole text into matches and what lies between them; an empty text has no matches.</summary>
    public List<Stretch> Cut(ReadOnlySpan<char> text)
    {
        var stretches = new List<Stretch>();
        if (text.IsEmpty)
            return stretches;
        var done = 0;
        if (literal is not null)
            CutByLiteral(text, stretches, ref done);
        else
            CutByExpression(text, stretches, ref done);
        if (done < text.Length)
            stretches.Add(new Stretch(done, text.Length, false));
        return stretches;
    }

    private void CutByLiteral(ReadOnlySpan<char> text, List<Stretch> stretches, ref int done)
    {
        for (int skipped; (skipped = text[done..].IndexOf(literal)) >= 0;)
            Match(stretches, ref done, done + skipped, literal!.Length);
    }

    private void CutByExpression(ReadOnlySpan<char> text, List<Stretch> stretches, ref int done)
    {
        var regex = text.ContainsAnyInRange('\uD800', '\uDFFF') ? full.Value : plain.Value;
        var matched = false;
        try
        {
            foreach (var match in regex.EnumerateMatches(text))
            {
                // An empty match right behind another one doesn't count, nor one inside a surrogate pair.
                var empty = match.Length == 0;
                if (empty && ((matched && match.Index == done) || IsInsidePair(text, match.Index)))
                    continue;
                Match(stretches, ref done, match.Index, match.Length);
                matched = true;
            }
        }
        catch (RegexMatchTimeoutException)
        {
            throw place.Wrong($"a regular expression that finds its way through the text within {longestMatch.TotalSeconds} s", "one that does not");
        }
    }

    private static void Match(List<Stretch> stretches, ref int done, int start, int length)
    {
        if (done < start)
            stretches.Add(new Stretch(done, start, false));
        stretches.Add(new Stretch(start, start + length, true));
        done = start + length;
    }

    private static bool IsInsidePair(ReadOnlySpan<char> text, int at) => at > 0 && at < text.Length && char.IsSurrogatePair(text[at - 1], text[at]);

    private static Regex Compile(string pattern, bool pairs) =>
        new(PatternTranslator.Translate(pattern, pairs), RegexOptions.Compiled | RegexOptions.CultureInvariant, longestMatch);
}
