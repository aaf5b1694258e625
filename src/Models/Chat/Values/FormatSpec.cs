using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Splitwiser.Models.Chat.Values;

/// <summary>What stands behind the colon of a format field: [[fill]align][sign][#][0][width][grouping][.precision][type].</summary>
internal sealed partial class FormatSpec
{
    private readonly string fill;
    private readonly char align; // a space where none is given
    private readonly char sign;
    private readonly bool alternate;
    private readonly int width;
    private readonly string grouping;
    private readonly int? precision;
    private readonly char type; // a space where none is given

    private FormatSpec(GroupCollection groups)
    {
        var zero = groups["zero"].Length > 0;
        fill = groups["fill"] is { Length: > 0 } given ? given.Value : zero ? "0" : " ";
        align = groups["align"] is { Length: > 0 } where ? where.Value[0] : zero ? '=' : ' ';
        sign = groups["sign"] is { Length: > 0 } how ? how.Value[0] : '-';
        alternate = groups["alternate"].Length > 0;
        width = FormatSize.Read(groups["width"]) ?? 0;
        grouping = groups["grouping"].Value;
        precision = FormatSize.Read(groups["precision"]);
        type = groups["type"] is { Length: > 0 } kind ? kind.Value[0] : ' ';
    }

    public static string Apply(Value value, string spec)
    {
        if (spec.Length == 0)
            return value.Text;
        if (value is not (StringValue or IntValue or FloatValue or BoolValue))
            throw new TemplateError($"unsupported format string passed to {value.TypeName}.__format__");
        var match = Pattern().Match(spec);
        return match.Success ? new FormatSpec(match.Groups).Write(value) : throw new TemplateError($"Invalid format specifier '{spec}' for object of type '{value.TypeName}'");
    }

    private string Write(Value value)
    {
        if (value is StringValue text)
            return type is ' ' or 's' && align != '=' && sign == '-' ? Pad("", FormatSize.Cut(text, precision), '<') : throw Unknown(value);
        if (value is BoolValue && type == ' ' && precision is null && width > 0 && grouping.Length == 0)
            return Pad("", Digits(new IntValue(value.IsTrue ? 1 : 0)), '>');
        var negative = value is FloatValue f ? double.IsNegative(f.Number) : Numbers.TryInt(value, out var whole) && whole < 0;
        var digits = Digits(value).TrimStart('-');
        var prefix = (negative ? "-" : sign is '+' or ' ' ? sign.ToString() : "") + (alternate && value is not FloatValue ? Prefix() : "");
        return Pad(prefix, digits, '>');
    }

    private string Digits(Value value) => type switch
    {
        'b' or 'o' or 'x' or 'X' or 'd' or 'n' or ' ' or 'c' when Numbers.TryInt(value, out var whole) =>
            precision is null ? Whole(type == 'c' ? whole : Int128.Abs(whole)) : throw new TemplateError("Precision not allowed in integer format specifier"),
        'e' or 'E' or 'f' or 'F' or 'g' or 'G' or '%' or ' ' or 'n' when Numbers.TryFloat(value, out var number) => Group(Real(number)),
        _ => throw Unknown(value),
    };

    private string Whole(Int128 number) => type switch
    {
        'b' => number.ToString("B", CultureInfo.InvariantCulture).TrimStart('0').PadLeft(1, '0'),
        'o' => Octal(number),
        'x' => number.ToString("x", CultureInfo.InvariantCulture).TrimStart('0').PadLeft(1, '0'),
        'X' => number.ToString("X", CultureInfo.InvariantCulture).TrimStart('0').PadLeft(1, '0'),
        'c' => Numbers.TryRune(number, out var rune) ? rune.ToString() : throw new TemplateError("%c arg not in range(0x110000)"),
        _ => Group(number.ToString(CultureInfo.InvariantCulture)),
    };

    private string Real(double number)
    {
        if (!double.IsFinite(number))
            return char.IsUpper(type) ? new FloatValue(number).Text.ToUpperInvariant() : new FloatValue(number).Text + (type == '%' ? "%" : "");
        var text = type switch
        {
            'e' or 'E' => Decimals.Scientific(number, precision ?? 6),
            'f' or 'F' => Decimals.Fixed(number, precision ?? 6),
            '%' => Decimals.Fixed(number * 100, precision ?? 6) + "%",
            'g' or 'G' or 'n' => Decimals.General(number, precision ?? 6, alternate),
            _ when precision is { } digits => WithPoint(Decimals.General(number, digits)),
            _ => new FloatValue(number).Text,
        };
        return char.IsUpper(type) ? text.ToUpperInvariant() : text;
    }

    // Without a type a float keeps a digit behind its point.
    private static string WithPoint(string text) => text.Contains('.') || text.Contains('e') ? text : text + ".0";

    private string Group(string digits)
    {
        if (grouping.Length == 0)
            return digits;
        var start = digits[0] == '-' ? 1 : 0;
        var end = digits.AsSpan(start).IndexOfAnyExceptInRange('0', '9') is >= 0 and var other ? start + other : digits.Length;
        var result = new StringBuilder(digits);
        for (var at = end - 3; at > start; at -= 3)
            result.Insert(at, grouping);
        return result.ToString();
    }

    private string Prefix() => type is 'b' or 'o' or 'x' or 'X' ? $"0{type}" : "";

    private string Pad(string prefix, string text, char usual)
    {
        var missing = width - prefix.Length - new StringValue(text).Length;
        if (missing <= 0)
            return prefix + text;
        return (align == ' ' ? usual : align) switch
        {
            '<' => prefix + text + Fill(missing),
            '^' => Fill(missing / 2) + prefix + text + Fill(missing - (missing / 2)),
            '=' => prefix + Fill(missing) + text,
            _ => Fill(missing) + prefix + text,
        };
    }

    private string Fill(int count) => new StringBuilder().Insert(0, fill, count).ToString();

    private TemplateError Unknown(Value value) => new($"Unknown format code '{type}' for object of type '{value.TypeName}'");

    private static string Octal(Int128 number)
    {
        var digits = new Stack<char>();
        do
        {
            digits.Push((char)('0' + (int)(number & 7)));
            number >>= 3;
        }
        while (number > 0);
        return new string([.. digits]);
    }

    [GeneratedRegex(@"^(?:(?<fill>[\uD800-\uDBFF][\uDC00-\uDFFF]|[\s\S])?(?<align>[<>=^]))?(?<sign>[-+ ])?(?<alternate>\#)?(?<zero>0)?(?<width>[0-9]+)?(?<grouping>[,_])?(?:\.(?<precision>[0-9]+))?(?<type>[bcdeEfFgGnosxX%])?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}
