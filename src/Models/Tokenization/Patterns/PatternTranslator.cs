using System.Text;

namespace Splitwiser.Models.Tokenization.Patterns;

/// <summary>
/// Rewrites a regular expression of the tokenizers library (Oniguruma's dialect, matched by code points) into one for .NET (matched
/// by UTF-16 units). Character classes are worked out here, so that they mean what they mean there; groups never capture.
/// </summary>
internal sealed class PatternTranslator
{
    private const int DeepestNesting = 100;
    private const int MostRepeats = 100_000;
    private readonly PatternCursor cursor;
    private readonly bool pairs;

    private PatternTranslator(string pattern, bool pairs)
    {
        cursor = new PatternCursor(pattern);
        this.pairs = pairs;
    }

    /// <param name="pairs">Whether the text can have surrogate pairs.</param>
    /// <exception cref="PatternException">The pattern is malformed or uses what is not served.</exception>
    public static string Translate(string pattern, bool pairs)
    {
        var translator = new PatternTranslator(pattern, pairs);
        var result = translator.Alternatives(new PatternOptions(), depth: 0);
        return translator.cursor.AtEnd ? result : throw translator.cursor.Broken("a closing parenthesis too many");
    }

    private string Alternatives(PatternOptions options, int depth)
    {
        if (depth > DeepestNesting)
            throw cursor.Broken("groups nested too deep");
        var choices = new List<string>();
        do
            choices.Add(Sequence(options, depth));
        while (cursor.Eat("|"));
        return string.Join('|', choices);
    }

    private string Sequence(PatternOptions options, int depth)
    {
        var result = new StringBuilder();
        while (!cursor.AtEnd && cursor.Peek is not ('|' or ')'))
        {
            if (options.Extended && SkipBlank())
                continue;
            var atom = Atom(options, depth);
            while (Quantifier() is { } quantifier)
                atom = quantifier.Possessive ? $"(?>(?:{atom}){quantifier.Text})" : $"(?:(?:{atom}){quantifier.Text})";
            result.Append(atom);
        }

        return result.ToString();
    }

    // Blanks, and comments up to their line's end.
    private bool SkipBlank()
    {
        if (CharacterSets.Space.Contains(cursor.Peek))
            return cursor.Next() >= 0;
        if (!cursor.Eat("#"))
            return false;
        while (!cursor.AtEnd && !cursor.Eat("\n"))
            cursor.Next();
        return true;
    }

    private string Atom(PatternOptions options, int depth)
    {
        if (cursor.Eat("("))
            return Group(options, depth);
        if (cursor.Eat("["))
            return Set(ClassReader.Read(cursor, options.IgnoreCase));
        if (cursor.Eat("."))
            return Set(options.DotAll ? CodePointSet.All : ~CharacterSets.Newline);
        if (cursor.Eat("^"))
            return @"(?:\A|(?<=\n)(?!\z))";
        if (cursor.Eat("$"))
            return @"(?=\n|\z)";
        if (cursor.Eat("\\"))
            return Escape(options);
        if (cursor.Peek is '*' or '+' or '?')
            throw cursor.Broken("a quantifier with nothing before it");
        return Character(cursor.Next(), options);
    }

    private string Escape(PatternOptions options)
    {
        if (cursor.EscapedSet(inBrackets: false) is { } set)
            return Set(set); // case doesn't matter here: the reference folds a set in brackets only
        switch (cursor.Peek)
        {
            case 'A' or 'z' or 'G':
                return $"\\{(char)cursor.Next()}";
            case 'Z':
                cursor.Next();
                return @"(?=\n?\z)";
            case 'b' or 'B':
                var inside = cursor.Next() == 'B';
                var word = Set(CharacterSets.LooseWord);
                return inside ? $"(?:(?<={word})(?={word})|(?<!{word})(?!{word}))" : $"(?:(?<={word})(?!{word})|(?<!{word})(?={word}))";
            case 'R':
                cursor.Next();
                return @"(?>\r\n|[\n-\r\u0085\u2028\u2029])";
            case 'N':
                cursor.Next();
                return Set(~CharacterSets.Newline);
            case 'O':
                cursor.Next();
                return Set(CodePointSet.All);
            default:
                return Character(cursor.EscapedCharacter(), options);
        }
    }

    private string Group(PatternOptions options, int depth)
    {
        if (cursor.Eat("?#"))
        {
            cursor.Until(')');
            return "";
        }

        foreach (var opening in (ReadOnlySpan<string>)["?:", "?=", "?!", "?>", "?<=", "?<!"])
        {
            if (cursor.Eat(opening))
                return Close(opening, options, depth);
        }

        if (cursor.Eat("?<") || cursor.Eat("?P<"))
            cursor.Until('>');
        else if (cursor.Eat("?"))
            return OptionGroup(options, depth);
        return Close("?:", options, depth);
    }

    // (?i:...) sets options inside; (?i) sets them for the rest of the group around it, alternatives included.
    private string OptionGroup(PatternOptions options, int depth)
    {
        for (var on = true; ;)
        {
            switch (cursor.Next())
            {
                case '-':
                    on = false;
                    break;
                case 'i':
                    options = options with { IgnoreCase = on };
                    break;
                case 'm':
                    options = options with { DotAll = on };
                    break;
                case 'x':
                    options = options with { Extended = on };
                    break;
                case ':':
                    return Close("?:", options, depth);
                case ')':
                    return $"(?:{Alternatives(options, depth + 1)})";
                default:
                    throw cursor.Broken("a kind of group that is not served");
            }
        }
    }

    private string Close(string opening, PatternOptions options, int depth)
    {
        var inside = Alternatives(options, depth + 1);
        return cursor.Eat(")") ? $"({opening}{inside})" : throw cursor.Broken("a group without its closing parenthesis");
    }

    // After *, + and ? another + means possessive; after {n,m} it is a quantifier of its own. {n}? is "n or none".
    private (string Text, bool Possessive)? Quantifier()
    {
        if (cursor.Peek is '*' or '+' or '?' && !cursor.AtEnd)
        {
            var sign = ((char)cursor.Next()).ToString();
            return cursor.Eat("+") ? (sign, true) : (cursor.Eat("?") ? sign + "?" : sign, false);
        }

        if (cursor.Peek != '{' || cursor.Try(Interval) is not { } interval)
            return null;
        return (interval.Contains(',') && cursor.Eat("?") ? interval + "?" : interval, false);
    }

    // Nothing where the brace stands for itself.
    private string? Interval()
    {
        cursor.Eat("{");
        var least = cursor.Number();
        var comma = cursor.Eat(",");
        var most = comma ? cursor.Number() : least;
        if (!cursor.Eat("}") || (least is null && most is null))
            return null;
        if (least > MostRepeats || most > MostRepeats || least > most)
            throw cursor.Broken("bounds of a repeat that are too large or out of order");
        return comma ? $"{{{least ?? 0},{most}}}" : $"{{{least}}}";
    }

    private string Character(int character, PatternOptions options)
    {
        var set = CodePointSet.Of(character);
        return Set(options.IgnoreCase ? CaseFolding.Close(set) : set);
    }

    private string Set(CodePointSet set) => SetWriter.Write(set, pairs);
}
