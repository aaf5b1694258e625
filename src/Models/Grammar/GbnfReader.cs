using System.Globalization;
using System.Text;
using Splitwiser.Models.Tokenization.Patterns;

namespace Splitwiser.Models.Grammar;

/// <summary>
/// Reads llama.cpp's GBNF: rules "name ::= ...", texts in quotes, classes of characters, '.', groups, alternatives, * + ? {m,n} and comments behind '#'.
/// A rule ends with its line, unless a group is open or the next line begins with '|'. Every error names its line and column.
/// </summary>
internal sealed class GbnfReader
{
    private const int MaxRepeat = 10_000, MaxDepth = 128;

    private readonly int[] text;    // code points
    private readonly int[] lines;   // where each begins
    private readonly Dictionary<string, GbnfRule> rules = new(StringComparer.Ordinal);
    private int at;
    private int depth;

    private GbnfReader(string source)
    {
        text = [.. source.EnumerateRunes().Select(rune => rune.Value)];
        lines = [0, .. Enumerable.Range(1, text.Length).Where(i => text[i - 1] == '\n' || (text[i - 1] == '\r' && !(i < text.Length && text[i] == '\n')))];
    }

    /// <exception cref="GrammarException">It is malformed.</exception>
    public static IReadOnlyDictionary<string, GbnfRule> Read(string source)
    {
        if (source.Length > GrammarLimits.SourceLength) throw new GrammarException("", "grammar", $"the grammar is longer than {GrammarLimits.SourceLength} characters");
        var reader = new GbnfReader(source);
        for (reader.Skip(lines: true); reader.at < reader.text.Length; reader.Skip(lines: true)) reader.Rule();
        return reader.rules;
    }

    private void Rule()
    {
        var place = Here;
        var name = Name() ?? throw Wrong("expected the name of a rule");
        Skip(lines: false);
        if (!(Take(':') && Take(':') && Take('='))) throw Wrong($"expected '::=' behind the name '{name}'");
        Skip(lines: true);
        var body = Alternatives(nested: false);
        if (at < text.Length && !IsLineEnd(text[at])) throw Unexpected();
        if (!rules.TryAdd(name, new GbnfRule(name, body, place))) throw place.Wrong($"the rule '{name}' is there twice");
        if (rules.Count > GrammarLimits.Nodes) throw place.Wrong($"there are more than {GrammarLimits.Nodes} rules");
    }

    private GbnfPart Alternatives(bool nested)
    {
        if (++depth > MaxDepth) throw Wrong($"groups are nested deeper than {MaxDepth}");
        var options = new List<GbnfPart> { Sequence(nested) };
        for (var end = at; ; end = at)
        {
            Skip(lines: true);
            if (!Take('|'))
            {
                if (!nested) at = end;
                break;
            }
            Skip(lines: true);
            options.Add(Sequence(nested));
        }
        depth--;
        return options.Count == 1 ? options[0] : new GbnfChoice(options);
    }

    private GbnfPart Sequence(bool nested)
    {
        var parts = new List<GbnfPart>();
        for (Skip(nested); at < text.Length && text[at] is not ('|' or ')') && !IsLineEnd(text[at]); Skip(nested))
        {
            var part = Repeated(Part());
            if (part is GbnfSequence inner && inner.Items.All(item => item is GbnfSet)) parts.AddRange(inner.Items);
            else parts.Add(part);
        }
        return parts.Count == 1 ? parts[0] : new GbnfSequence(parts);
    }

    private GbnfPart Part()
    {
        var place = Here;
        if (Name() is { } name) return new GbnfReference(name, place);
        switch (text[at++])
        {
            case '"': return Text(place);
            case '[': return new GbnfSet(Class(place));
            case '.': return new GbnfSet(CodePointSet.All);
            case '(':
                var group = Alternatives(nested: true);
                return Take(')') ? group : at < text.Length ? throw Unexpected() : throw place.Wrong("a '(' without its ')'");
            case '*' or '+' or '?' or '{': throw place.Wrong("there is nothing to repeat");
            case '<' or '!': throw place.Wrong("tokens by name or number are not served; write their text");
            default:
                at--;
                throw Unexpected();
        }
    }

    private GbnfSequence Text(GbnfPlace place)
    {
        var characters = new List<GbnfPart>();
        while (!Take('"'))
        {
            if (at == text.Length || IsLineEnd(text[at])) throw place.Wrong("a text without its closing quote");
            characters.Add(new GbnfSet(CodePointSet.Of(Character())));
        }
        return new GbnfSequence(characters);
    }

    private CodePointSet Class(GbnfPlace place)
    {
        var negated = Take('^');
        var ranges = new List<(int First, int Last)>();
        while (!Take(']'))
        {
            if (at == text.Length || IsLineEnd(text[at])) throw place.Wrong("a '[' without its ']'");
            var first = Character();
            var last = first;
            if (at + 1 < text.Length && text[at] == '-' && text[at + 1] != ']')
            {
                at++;
                last = Character();
                if (last < first) throw place.Wrong("a range ends before it starts");
            }
            ranges.Add((first, last));
        }
        var members = negated ? ~CodePointSet.Of(ranges) : CodePointSet.Of(ranges);
        return members.IsEmpty ? throw place.Wrong("a class that no character is in") : members;
    }

    private int Character()
    {
        var place = Here;
        var next = text[at++];
        if (next != '\\') return next;
        if (at == text.Length) throw place.Wrong("a '\\' at the end");
        var point = text[at++] switch
        {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'x' => Hex(2, place),
            'u' => Hex(4, place),
            'U' => Hex(8, place),
            var same and ('\\' or '"' or '[' or ']' or '-' or '^' or '\'' or '/') => same,
            var other => throw place.Wrong($"there is no escape '\\{new Rune(other)}'"),
        };
        return Rune.IsValid(point) ? point : throw place.Wrong("an escape that stands for no character");
    }

    private int Hex(int digits, GbnfPlace place)
    {
        var value = 0L;
        for (var i = 0; i < digits; i++)
        {
            if (at == text.Length || text[at] > 0x7F || !char.IsAsciiHexDigit((char)text[at])) throw place.Wrong($"an escape needs {digits} hexadecimal digits");
            value = value * 16 + Convert.ToInt32(((char)text[at++]).ToString(), 16);
        }
        return (int)Math.Min(value, int.MaxValue);
    }

    private GbnfPart Repeated(GbnfPart part)
    {
        for (var count = 0; at < text.Length; count++)
        {
            var place = Here;
            (int Least, int? Most) bounds;
            if (Take('*')) bounds = (0, null);
            else if (Take('+')) bounds = (1, null);
            else if (Take('?')) bounds = (0, 1);
            else if (Take('{')) bounds = Bounds(place);
            else break;
            if (count > 0) throw place.Wrong("a repetition is repeated: put the first one in a group");
            part = new GbnfRepeat(part, bounds.Least, bounds.Most, place);
        }
        return part;
    }

    private (int Least, int? Most) Bounds(GbnfPlace place)
    {
        var least = Number();
        Skip(lines: false);
        int? most = least;
        if (Take(',')) most = Number();
        else if (least is null) throw place.Wrong("a '{' needs one or two numbers behind it");
        Skip(lines: false);
        if (!Take('}')) throw place.Wrong("a '{' without its '}'");
        if (least > MaxRepeat || most > MaxRepeat) throw place.Wrong($"repetitions go up to {MaxRepeat}");
        return most < (least ?? 0) ? throw place.Wrong("a repetition ends before it starts") : (least ?? 0, most);
    }

    private int? Number()
    {
        Skip(lines: false);
        var digits = string.Concat(text.Skip(at).Take(6).TakeWhile(point => point is >= '0' and <= '9').Select(point => (char)point));
        at += digits.Length;
        return digits.Length == 0 ? null : int.Parse(digits, CultureInfo.InvariantCulture);
    }

    private string? Name()
    {
        var start = at;
        while (at < text.Length && (text[at] is '-' or '_' || (text[at] < 0x80 && char.IsAsciiLetterOrDigit((char)text[at])))) at++;
        return at == start ? null : string.Concat(text[start..at].Select(point => (char)point));
    }

    /// <summary>Passes over blanks and a comment; over line ends, too, if told so.</summary>
    private void Skip(bool lines)
    {
        for (; at < text.Length; at++)
        {
            if (text[at] == '#')
                while (at < text.Length && !IsLineEnd(text[at])) at++;
            if (at == text.Length || !(text[at] is ' ' or '\t' || (lines && IsLineEnd(text[at])))) return;
        }
    }

    private bool Take(int expected)
    {
        if (at == text.Length || text[at] != expected) return false;
        at++;
        return true;
    }

    private static bool IsLineEnd(int point) => point is '\n' or '\r';

    private GbnfPlace Here
    {
        get
        {
            var found = Array.BinarySearch(lines, at);
            var line = found >= 0 ? found : ~found - 1;
            return new(line + 1, at - lines[line] + 1);
        }
    }

    private GrammarException Unexpected() => Wrong($"'{new Rune(text[at])}' is not expected here");

    private GrammarException Wrong(string message) => Here.Wrong(at == text.Length ? $"{message}, but the grammar ends" : message);
}
