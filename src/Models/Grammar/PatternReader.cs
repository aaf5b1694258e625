using System.Globalization;
using System.Text;
using Splitwiser.Models.Tokenization.Patterns;

namespace Splitwiser.Models.Grammar;

/// <summary>
/// Reads the part of ECMA-262's regular expressions that is regular: characters, escapes, classes (\d \w \s and their opposites), groups,
/// alternatives, * + ? {m,n} (lazy ones match the same texts), ^ and $ at the ends of the whole or of its outermost alternatives. Look-around, back references,
/// word boundaries and \p are refused by name.
/// </summary>
internal sealed class PatternReader
{
    private const int MaxRepeat = 10_000, MaxDepth = 128;
    private static readonly CodePointSet digit = CodePointSet.Of(('0', '9'));
    private static readonly CodePointSet word = CodePointSet.Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));
    private static readonly CodePointSet lineEnd = CodePointSet.Of(('\n', '\n'), ('\r', '\r'), (0x2028, 0x2029));
    private static readonly CodePointSet space = lineEnd | CodePointSet.Of((0x09, 0x0D), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680),
        (0x2000, 0x200A), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF));

    private readonly int[] text;    // code points
    private int at;
    private int depth;

    private PatternReader(string pattern) => text = [.. pattern.EnumerateRunes().Select(rune => rune.Value)];

    /// <summary>Matches the texts of which the whole matches the pattern.</summary>
    /// <exception cref="GrammarException">It is malformed, or no part of the subset.</exception>
    public static PatternPart ReadWhole(string pattern) => new PatternReader(pattern).Read(searches: false);

    /// <summary>Matches the texts in which the pattern is found, as JSON Schema has it.</summary>
    /// <exception cref="GrammarException">It is malformed, or no part of the subset.</exception>
    public static PatternPart ReadSearch(string pattern) => new PatternReader(pattern).Read(searches: true);

    private PatternPart Read(bool searches)
    {
        if (text.Length > GrammarLimits.SourceLength) throw new GrammarException("", "pattern", "the pattern is too long");
        var options = new List<PatternPart>();
        do
        {
            var starts = Take('^');
            var part = Sequence();
            var ends = Take('$');
            options.Add(searches ? new PatternSequence([starts ? PatternPart.Nothing : PatternPart.Anything, part, ends ? PatternPart.Nothing : PatternPart.Anything]) : part);
        }
        while (Take('|'));
        if (at < text.Length) throw Wrong(text[at] == '$' ? "'$' is served at the end only" : "a ')' without its '('");
        return new PatternChoice(options);
    }

    private PatternPart Alternatives()
    {
        if (++depth > MaxDepth) throw Wrong($"groups are nested deeper than {MaxDepth}");
        var options = new List<PatternPart>();
        do options.Add(Sequence());
        while (Take('|'));
        depth--;
        return options.Count == 1 ? options[0] : new PatternChoice(options);
    }

    private PatternPart Sequence()
    {
        var parts = new List<PatternPart>();
        while (at < text.Length && text[at] is not ('|' or ')') && !(text[at] == '$')) parts.Add(Quantified(Atom()));
        return parts.Count == 1 ? parts[0] : new PatternSequence(parts);
    }

    private PatternPart Atom()
    {
        var next = text[at++];
        switch (next)
        {
            case '(':
                if (Take('?') && !Take(':') && !TakeName()) throw Wrong("look-around and flags are not served");
                var group = Alternatives();
                if (at < text.Length && text[at] == '$') throw Wrong("'$' is served at the end only");
                return Take(')') ? group : throw Wrong("a '(' without its ')'");
            case '[': return new PatternSet(Class());
            case '.': return new PatternSet(CodePointSet.All - lineEnd);
            case '\\': return new PatternSet(Escape(inClass: false));
            case '^': throw Wrong("'^' is served at the start only");
            case '*' or '+' or '?': throw Wrong("there is nothing to repeat");
            default: return new PatternSet(CodePointSet.Of(next));
        }
    }

    private PatternPart Quantified(PatternPart part)
    {
        for (var count = 0; at < text.Length; count++)
        {
            var start = at;
            (int Least, int? Most) bounds;
            if (Take('*')) bounds = (0, null);
            else if (Take('+')) bounds = (1, null);
            else if (Take('?')) bounds = (0, 1);
            else if (text[at] != '{' || !TryBounds(out bounds)) return part;
            if (count > 0) throw Wrong("a repetition is repeated");
            Take('?');
            if (bounds.Most < bounds.Least) throw Wrong("a repetition ends before it starts");
            if (bounds.Least > MaxRepeat || bounds.Most > MaxRepeat) throw Wrong($"repetitions go up to {MaxRepeat}");
            part = new PatternRepeat(part, bounds.Least, bounds.Most);
        }
        return part;
    }

    private bool TryBounds(out (int Least, int? Most) bounds)
    {
        var start = at++;
        bounds = default;
        if (Number() is { } least)
        {
            bounds = (least, Take(',') ? Number() : least);
            if (Take('}')) return true;
        }
        at = start;
        throw Wrong("'{' is served as part of {m}, {m,} or {m,n}, or as \\{");
    }

    private int? Number()
    {
        if (at == text.Length || text[at] is < '0' or > '9') return null;
        var value = 0;
        while (at < text.Length && text[at] is >= '0' and <= '9') value = Math.Min(value * 10 + (text[at++] - '0'), MaxRepeat + 1);
        return value;
    }

    private CodePointSet Class()
    {
        var negated = Take('^');
        var members = CodePointSet.Empty;
        while (!Take(']'))
        {
            var low = Member();
            if (at + 1 < text.Length && text[at] == '-' && text[at + 1] != ']')
            {
                at++;
                var high = Member();
                if (Single(low) is not { } first || Single(high) is not { } last || last < first) throw Wrong("a range needs two characters, the lower first");
                low = CodePointSet.Of((first, last));
            }
            members |= low;
        }
        return negated ? ~members : members;
    }

    private CodePointSet Member()
    {
        if (at == text.Length) throw Wrong("a '[' without its ']'");
        var next = text[at++];
        return next == '\\' ? Escape(inClass: true) : CodePointSet.Of(next);
    }

    private CodePointSet Escape(bool inClass)
    {
        if (at == text.Length) throw Wrong("a '\\' at the end");
        var next = text[at++];
        return next switch
        {
            'd' => digit,
            'D' => ~digit,
            'w' => word,
            'W' => ~word,
            's' => space,
            'S' => ~space,
            't' => CodePointSet.Of('\t'),
            'n' => CodePointSet.Of('\n'),
            'r' => CodePointSet.Of('\r'),
            'f' => CodePointSet.Of('\f'),
            'v' => CodePointSet.Of('\v'),
            'b' when inClass => CodePointSet.Of('\b'),
            '0' when at == text.Length || text[at] is < '0' or > '9' => CodePointSet.Of(0),
            'x' => CodePointSet.Of(Hex(2)),
            'u' => CodePointSet.Of(Unicode()),
            >= 'a' and <= 'z' or >= 'A' and <= 'Z' or >= '0' and <= '9' => throw Wrong($"\\{new Rune(next)} is not served"),
            _ => CodePointSet.Of(next),
        };
    }

    private int Unicode()
    {
        if (Take('{'))
        {
            var digits = 0;
            while (at + digits < text.Length && text[at + digits] != '}') digits++;
            var point = digits is > 0 and <= 6 ? Hex(digits) : throw Wrong("\\u{...} needs up to six digits");
            return Take('}') && point <= 0x10FFFF ? point : throw Wrong("\\u{...} needs a code point");
        }
        var unit = Hex(4);
        if (!char.IsHighSurrogate((char)unit) || at + 5 >= text.Length || text[at] != '\\' || text[at + 1] != 'u') return unit;
        at += 2;
        var low = Hex(4);
        return char.IsLowSurrogate((char)low) ? char.ConvertToUtf32((char)unit, (char)low) : throw Wrong("half of a surrogate pair");
    }

    private int Hex(int digits)
    {
        if (at + digits > text.Length) throw Wrong("hexadecimal digits are missing");
        var hex = string.Concat(text.Skip(at).Take(digits).Select(point => point < 0x80 ? ((char)point).ToString() : "?"));
        at += digits;
        return int.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : throw Wrong("hexadecimal digits are missing");
    }

    /// <summary>The name of a group, which changes nothing: "&lt;name&gt;".</summary>
    private bool TakeName()
    {
        if (at + 1 >= text.Length || text[at] != '<' || text[at + 1] is '=' or '!') return false;
        while (at < text.Length && text[at] != '>') at++;
        return Take('>');
    }

    private bool Take(char expected)
    {
        if (at == text.Length || text[at] != expected) return false;
        at++;
        return true;
    }

    private static int? Single(CodePointSet set) => set.Ranges.FirstOrDefault((-1, -2)) is var (first, last) && first == last ? first : null;

    private GrammarException Wrong(string what) => new("", "pattern", $"the pattern '{string.Concat(text.Take(100).Select(point => char.ConvertFromUtf32(point)))}' at {at}: {what}");
}
