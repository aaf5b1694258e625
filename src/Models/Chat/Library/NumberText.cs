using System.Globalization;

namespace Splitwiser.Models.Chat.Library;

/// <summary>Numbers in strings, as Python's int() and float() read them.</summary>
internal static class NumberText
{
    /// <summary>A whole number of up to 127 bits to the given base; base 0 goes by the prefix.</summary>
    public static Int128? Whole(string text, int radix)
    {
        if (radix != 0 && radix is < 2 or > 36)
            return null;
        text = text.Trim();
        var negative = text.StartsWith('-');
        var digits = text is ['+' or '-', ..] ? text[1..] : text;
        var prefix = digits.Length > 2 && digits[0] == '0' ? char.ToLowerInvariant(digits[1]) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 0 } : 0;
        if (prefix != 0 && (radix == 0 || radix == prefix))
            (digits, radix) = (digits[2..].TrimStart('_'), prefix);
        if (radix == 0 && digits.Length > 1 && digits[0] == '0' && digits.Trim('0', '_').Length > 0)
            return null;
        return Digits(digits, radix == 0 ? 10 : radix) is { } number ? negative ? -number : number : null;
    }

    public static double? Real(string text)
    {
        text = text.Trim();
        if (Word(text.TrimStart('+', '-').ToLowerInvariant()) is { } word)
            return text.Length - text.TrimStart('+', '-').Length > 1 ? null : text.StartsWith('-') ? -word : word;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '_' && (i == 0 || i + 1 == text.Length || !char.IsAsciiDigit(text[i - 1]) || !char.IsAsciiDigit(text[i + 1])))
                return null;
        }

        const NumberStyles styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(text.Replace("_", "", StringComparison.Ordinal), styles, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    private static double? Word(string text) => text switch
    {
        "inf" or "infinity" => double.PositiveInfinity,
        "nan" => double.NaN,
        _ => null,
    };

    private static Int128? Digits(string digits, int radix)
    {
        if (digits.Length == 0 || digits.StartsWith('_') || digits.EndsWith('_') || digits.Contains("__", StringComparison.Ordinal))
            return null;
        Int128 number = 0;
        foreach (var c in digits.Where(c => c != '_'))
        {
            var digit = char.IsDigit(c) ? (int)char.GetNumericValue(c) : char.IsAsciiLetter(c) ? char.ToLowerInvariant(c) - 'a' + 10 : radix;
            if (digit >= radix || number > (Int128.MaxValue - digit) / radix)
                return null;
            number = (number * radix) + digit;
        }

        return number;
    }
}
