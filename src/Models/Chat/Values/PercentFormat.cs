using System.Text;
using System.Text.RegularExpressions;

namespace Splitwiser.Models.Chat.Values;

/// <summary>format % values: %s, %r, %d, %5.2f, %(name)s and the like, as C's printf has them.</summary>
internal sealed partial class PercentFormat(Value values)
{
    private readonly IReadOnlyList<Value> positional = values is ListValue { Kind: ListKind.Tuple } tuple ? tuple.Values : [values];
    private int next;

    public static string Fill(string format, Value values)
    {
        var result = new StringBuilder();
        var fields = new PercentFormat(values);
        for (var at = 0; at < format.Length; at++)
        {
            if (format[at] != '%')
            {
                result.Append(format[at]);
                continue;
            }

            var match = Field().Match(format, at);
            if (!match.Success)
                throw new TemplateError("unsupported format character or incomplete format");
            result.Append(fields.Write(match));
            at += match.Length - 1;
        }

        if (fields.next < fields.positional.Count && values is not (DictValue or UndefinedValue or ListValue { Kind: ListKind.List }))
            throw new TemplateError("not all arguments converted during string formatting");
        return result.ToString();
    }

    private string Write(Match match)
    {
        var type = match.Groups["type"].Value[0];
        if (type == '%')
            return "%";
        var flags = match.Groups["flags"].Value;
        var width = FormatSize.Read(match.Groups["width"]) ?? 0;
        var precision = FormatSize.Read(match.Groups["precision"]) ?? (match.Groups["point"].Length > 0 ? 0 : null);
        var (sign, text) = Text(type, Value(match.Groups["name"]), flags, precision);
        var missing = width - sign.Length - new StringValue(text).Length;
        if (missing <= 0)
            return sign + text;
        if (flags.Contains('-'))
            return sign + text + new string(' ', missing);
        return flags.Contains('0') && type is not ('s' or 'r' or 'a' or 'c') ? sign + new string('0', missing) + text : new string(' ', missing) + sign + text;
    }

    private Value Value(Group name)
    {
        if (!name.Success)
            return next < positional.Count ? positional[next++] : throw new TemplateError("not enough arguments for format string");
        return values is DictValue dict
            ? dict.Element(new StringValue(name.Value)) ?? throw new TemplateError($"'{name.Value}'")
            : throw new TemplateError("format requires a mapping");
    }

    private static (string Sign, string Text) Text(char type, Value value, string flags, int? precision)
    {
        if (type is 's' or 'r' or 'a')
            return ("", FormatSize.Cut(new StringValue(type == 's' ? value.Text : value.Literal), precision));
        if (type == 'c')
            return ("", value is StringValue { Length: 1 } one ? one.Text : Numbers.TryInt(value, out var code) && Numbers.TryRune(code, out var rune) ? rune.ToString() : throw new TemplateError("%c requires int or char"));
        if (!Numbers.TryFloat(value, out var number))
            throw new TemplateError($"%{type} format: a real number is required, not {value.TypeName}");
        var digits = type is 'd' or 'i' or 'u' or 'x' or 'X' or 'o' ? Whole(type, value, flags, precision ?? 1) : Real(type, number, flags, precision ?? 6);
        return digits.StartsWith('-') ? ("-", digits[1..]) : (flags.Contains('+') ? "+" : flags.Contains(' ') ? " " : "", digits);
    }

    private static string Whole(char type, Value value, string flags, int precision)
    {
        var whole = Numbers.TryInt(value, out var exact) ? exact
            : type is 'd' or 'i' or 'u' && value is FloatValue { Number: > -1e38 and < 1e38 and var number } ? (Int128)number
            : throw new TemplateError($"%{type} format: an integer is required, not {value.TypeName}");
        var digits = FormatSpec.Apply(new IntValue(Int128.Abs(whole)), type is 'x' or 'X' or 'o' ? type.ToString() : "d").PadLeft(precision, '0');
        return (whole < 0 ? "-" : "") + (flags.Contains('#') && type is not ('d' or 'i' or 'u') ? $"0{type}" : "") + digits;
    }

    private static string Real(char type, double number, string flags, int precision)
    {
        if (!double.IsFinite(number))
            return new FloatValue(number).Text;
        var text = char.ToLowerInvariant(type) switch
        {
            'e' => Decimals.Scientific(number, precision),
            'f' => Decimals.Fixed(number, precision),
            _ => Decimals.General(number, precision, flags.Contains('#')),
        };
        return char.IsUpper(type) ? text.ToUpperInvariant() : text;
    }

    [GeneratedRegex(@"\G%(?:\((?<name>[^)]*)\))?(?<flags>[-#0 +]*)(?<width>[0-9]+)?(?<point>\.(?<precision>[0-9]+)?)?[hlL]?(?<type>[diouxXeEfFgGcrsa%])", RegexOptions.ExplicitCapture)]
    private static partial Regex Field();
}
