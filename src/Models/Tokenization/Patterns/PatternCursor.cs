using System.Buffers;
using System.Globalization;
using System.Text;

namespace Splitwiser.Models.Tokenization.Patterns;

/// <summary>A place in a regular expression, and what its escapes mean (Oniguruma's dialect, doc/RE).</summary>
internal sealed class PatternCursor(string pattern)
{
    private int at;

    public bool AtEnd => at == pattern.Length;

    public char Peek => AtEnd ? '\0' : pattern[at];

    public bool Sees(string text) => string.CompareOrdinal(pattern, at, text, 0, text.Length) == 0;

    /// <summary>Whether the text stands anywhere ahead.</summary>
    public bool Ahead(string text, int from) => pattern.IndexOf(text, Math.Min(at + from, pattern.Length), StringComparison.Ordinal) >= 0;

    public bool Eat(string text)
    {
        if (!Sees(text))
            return false;
        at += text.Length;
        return true;
    }

    /// <summary>The next character, a pair of surrogates as one.</summary>
    public int Next()
    {
        if (AtEnd)
            throw Broken("an unexpected end");
        if (Rune.DecodeFromUtf16(pattern.AsSpan(at), out var rune, out var length) != OperationStatus.Done)
            throw Broken("half a surrogate pair");
        at += length;
        return rune.Value;
    }

    /// <summary>Everything up to a character, which is passed over.</summary>
    public string Until(char end)
    {
        var stop = pattern.IndexOf(end, at);
        if (stop < 0)
            throw Broken($"no '{end}' to close with");
        var text = pattern[at..stop];
        at = stop + 1;
        return text;
    }

    /// <summary>A whole number, nothing where there are no digits.</summary>
    public int? Number()
    {
        var start = at;
        while (char.IsAsciiDigit(Peek))
            at++;
        if (at == start)
            return null;
        return int.TryParse(pattern.AsSpan(start, at - start), CultureInfo.InvariantCulture, out var value) ? value : throw Broken("a number that is too large");
    }

    /// <summary>Runs a reader, and goes back where it gives nothing.</summary>
    public T? Try<T>(Func<T?> read)
        where T : class
    {
        var start = at;
        var result = read();
        if (result is null)
            at = start;
        return result;
    }

    /// <summary>The set that an escape stands for (\d, \p{L}, ...), nothing where it is no set. The backslash is passed already.</summary>
    public CodePointSet? EscapedSet(bool inBrackets)
    {
        var set = Peek switch
        {
            'd' => CharacterSets.Digit,
            'D' => ~CharacterSets.Digit,
            'w' => inBrackets ? CharacterSets.Word : CharacterSets.LooseWord,
            'W' => ~(inBrackets ? CharacterSets.Word : CharacterSets.LooseWord),
            's' => CharacterSets.Space,
            'S' => ~CharacterSets.Space,
            'h' => CharacterSets.HexDigit,
            'H' => ~CharacterSets.HexDigit,
            'p' or 'P' => Property(),
            _ => null,
        };
        if (set is not null)
            at++;
        return set;
    }

    /// <summary>The one character that an escape stands for. The backslash is passed already.</summary>
    public int EscapedCharacter()
    {
        var c = Next();
        switch (c)
        {
            case 't': return '\t';
            case 'n': return '\n';
            case 'r': return '\r';
            case 'f': return '\f';
            case 'v': return '\v';
            case 'a': return '\a';
            case 'e': return 0x1B;
            case 'x' when Eat("{"): return Hex(Until('}'));
            case 'x': return Hex(Digits(1, 2));
            case 'u': return Hex(Digits(4, 4));
            case '0': return Octal();
            default:
                return c < 0x80 && char.IsAsciiLetterOrDigit((char)c) ? throw Broken($"the escape \\{(char)c}, which is not served") : c;
        }
    }

    public PatternException Broken(string what) => new($"{what} at character {at} of \"{pattern}\"");

    private CodePointSet Property()
    {
        var negated = Peek == 'P';
        if (at + 1 >= pattern.Length || pattern[at + 1] != '{')
            throw Broken($"\\{Peek} without a property in braces");
        at += 2;
        negated ^= Eat("^");
        var name = Until('}');
        at--; // the caller passes the last character of every set
        return CharacterSets.TryGet(name, out var set) ? negated ? ~set! : set! : throw Broken($"the unknown property {{{name}}}");
    }

    private string Digits(int least, int most)
    {
        var start = at;
        while (at - start < most && char.IsAsciiHexDigit(Peek))
            at++;
        return at - start >= least ? pattern[start..at] : throw Broken("too few hexadecimal digits");
    }

    private int Hex(string digits) =>
        int.TryParse(digits.Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) && Rune.IsValid(value)
            ? value
            : throw Broken($"{{{digits}}}, which is no character");

    private int Octal()
    {
        var value = 0;
        for (var digits = 0; digits < 2 && Peek is >= '0' and <= '7'; digits++, at++)
            value = (8 * value) + Peek - '0';
        return value;
    }
}
