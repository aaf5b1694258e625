using System.Globalization;
using System.Text;

namespace Splitwiser.Models.Chat.Syntax;

/// <summary>Python's escapes in a string.</summary>
internal static class StringLiteral
{
    public static string Unescape(string text)
    {
        if (!text.Contains('\\'))
            return text;
        var result = new StringBuilder();
        for (var at = 0; at < text.Length;)
        {
            if (text[at] != '\\' || at + 1 == text.Length)
            {
                result.Append(text[at++]);
                continue;
            }

            var c = text[at + 1];
            at += 2;
            switch (c)
            {
                case '\n': // a line that goes on
                    break;
                case '\\' or '\'' or '"':
                    result.Append(c);
                    break;
                case 'x' or 'u' or 'U':
                    at += Hex(text, at, c == 'x' ? 2 : c == 'u' ? 4 : 8, c, result);
                    break;
                case >= '0' and <= '7':
                    at += Octal(text, at - 1, result) - 1;
                    break;
                default:
                    var plain = "abfnrtv".IndexOf(c);
                    _ = plain >= 0 ? result.Append("\a\b\f\n\r\t\v"[plain]) : result.Append('\\').Append(c);
                    break;
            }
        }

        return result.ToString();
    }

    private static int Hex(string text, int at, int digits, char kind, StringBuilder result)
    {
        uint value = 0;
        var whole = at + digits <= text.Length
            && uint.TryParse(text.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
        if (!whole || value > 0x10FFFF)
        {
            result.Append('\\').Append(kind);
            return 0;
        }

        _ = value <= 0xFFFF ? result.Append((char)value) : result.Append(new Rune(value));
        return digits;
    }

    private static int Octal(string text, int at, StringBuilder result)
    {
        var value = 0;
        var count = 0;
        for (; count < 3 && at + count < text.Length && text[at + count] is >= '0' and <= '7'; count++)
            value = (8 * value) + text[at + count] - '0';
        result.Append((char)value);
        return count;
    }
}
