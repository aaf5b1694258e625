using System.Text;
using Splitwiser.Models.Chat.Values;

namespace Splitwiser.Models.Chat.Expressions;

/// <summary>What operators do, with Python's rules for types.</summary>
internal static class Operators
{
    private const int LongestText = 1 << 24; // characters

    public static Value Apply(string sign, Value left, Value right) => sign switch
    {
        "~" => Text(left.Text, right.Text),
        "+" when (left, right) is (StringValue a, StringValue b) => Join(a, b),
        "+" when (left, right) is (ListValue a, ListValue b) && a.Kind == b.Kind => new ListValue([.. a.Values, .. b.Values], a.Kind),
        "*" when left is StringValue text && Numbers.TryInt(right, out var times) => Repeat(text, times),
        "*" when right is StringValue text && Numbers.TryInt(left, out var times) => Repeat(text, times),
        "*" when left is ListValue list && Numbers.TryInt(right, out var times) => Repeat(list, times),
        "*" when right is ListValue list && Numbers.TryInt(left, out var times) => Repeat(list, times),
        "%" when left is StringValue format => format.Like(PercentFormat.Fill(format.Text, right)),
        _ when Numbers.TryInt(left, out var a) && Numbers.TryInt(right, out var b) => Whole(sign, a, b),
        _ when Numbers.TryFloat(left, out var a) && Numbers.TryFloat(right, out var b) => new FloatValue(Real(sign, a, b)),
        _ => throw Unsupported(sign, left, right),
    };

    public static bool Holds(string sign, Value left, Value right) => sign switch
    {
        "==" => left.SameAs(right),
        "!=" => !left.SameAs(right),
        "in" => Contains(right, left),
        "not in" => !Contains(right, left),
        "<" => Compare(left, right) < 0,
        "<=" => Compare(left, right) <= 0,
        ">" => Compare(left, right) > 0,
        _ => Compare(left, right) >= 0,
    };

    /// <summary>Orders numbers, strings (by code points) and lists of such.</summary>
    public static int Compare(Value left, Value right)
    {
        if (Numbers.TryInt(left, out var i) && Numbers.TryInt(right, out var j))
            return i.CompareTo(j);
        if (Numbers.TryFloat(left, out var x) && Numbers.TryFloat(right, out var y))
            return x.CompareTo(y);
        if ((left, right) is (StringValue a, StringValue b))
            return CompareCodePoints(a.Text, b.Text);
        if ((left, right) is not (ListValue p, ListValue q) || p.Kind != q.Kind)
            throw Unsupported("<", left, right);
        var difference = p.Values.Zip(q.Values).FirstOrDefault(pair => !pair.First.SameAs(pair.Second));
        return difference.First is null ? p.Values.Count.CompareTo(q.Values.Count) : Compare(difference.First, difference.Second);
    }

    public static bool Contains(Value container, Value item) => (container, item) switch
    {
        (StringValue text, StringValue part) => text.Text.Contains(part.Text, StringComparison.Ordinal),
        (StringValue, UndefinedValue undefined) => throw new TemplateError(undefined.Reason),
        (StringValue, _) => throw new TemplateError($"'in <string>' requires string as left operand, not {item.TypeName}"),
        (DictValue dict, _) => dict.Has(item),
        (NamespaceValue, _) => throw new TemplateError("argument of type 'Namespace' is not iterable"),
        _ => container.Elements.Any(item.SameAs),
    };

    private static Value Whole(string sign, Int128 a, Int128 b)
    {
        try
        {
            return sign switch
            {
                "+" => new IntValue(checked(a + b)),
                "-" => new IntValue(checked(a - b)),
                "*" => new IntValue(checked(a * b)),
                "**" when b < 0 => a == 0 ? throw new TemplateError("0.0 cannot be raised to a negative power") : new FloatValue(Math.Pow((double)a, (double)b)),
                "**" => Power(a, b),
                _ when b == 0 => throw new TemplateError("division by zero"),
                "/" => new FloatValue((double)a / (double)b),
                "//" => new IntValue(Floor(a, b)),
                _ => new IntValue(a - (b * Floor(a, b))),
            };
        }
        catch (OverflowException)
        {
            throw new TemplateError("a number that is too large");
        }
    }

    private static Int128 Floor(Int128 a, Int128 b) => (a / b) - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);

    private static IntValue Power(Int128 a, Int128 b)
    {
        if (a >= -1 && a <= 1)
            return new IntValue(b % 2 == 0 ? (b == 0 ? 1 : a * a) : a);
        Int128 result = 1;
        for (; b > 0; b--)
            result = checked(result * a); // overflows after 127 turns at the latest
        return new IntValue(result);
    }

    private static StringValue Text(string a, string b) =>
        a.Length + (long)b.Length <= LongestText ? new StringValue(a + b) : throw new TemplateError("the template makes too long a text");

    // What is added to markup is escaped, on either side.
    private static StringValue Join(StringValue a, StringValue b) => (a, b) is (MarkupValue, _) or (_, MarkupValue)
        ? new MarkupValue(Text(MarkupValue.Escape(a), MarkupValue.Escape(b)).Text)
        : Text(a.Text, b.Text);

    private static StringValue Repeat(StringValue text, Int128 times)
    {
        if (times > LongestText || times * text.Text.Length > LongestText)
            throw new TemplateError("the template makes too long a text");
        return text.Like(new StringBuilder().Insert(0, text.Text, times > 0 && text.Text.Length > 0 ? (int)times : 0).ToString());
    }

    private static ListValue Repeat(ListValue list, Int128 times)
    {
        if (times > LongestText || times * list.Extent.Count > LongestText)
            throw new TemplateError("a list or dictionary that is too large or nests too deep");
        return new ListValue([.. Enumerable.Repeat(list.Values, times > 0 ? (int)times : 0).SelectMany(values => values)], list.Kind);
    }

    private static double Real(string sign, double a, double b) => sign switch
    {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "**" when a < 0 && b != Math.Floor(b) => throw new TemplateError("a complex number, which is not served"),
        "**" when a == 0 && b < 0 => throw new TemplateError("0.0 cannot be raised to a negative power"),
        "**" => Math.Pow(a, b),
        _ when b == 0 => throw new TemplateError("division by zero"),
        "/" => a / b,
        "//" => Floor(a, b),
        _ => Remainder(a, b),
    };

    // The remainder has the divisor's sign.
    private static double Remainder(double a, double b)
    {
        var rest = a % b;
        return rest == 0 ? Math.CopySign(0, b) : (rest < 0) != (b < 0) ? rest + b : rest;
    }

    private static double Floor(double a, double b)
    {
        var quotient = (a - Remainder(a, b)) / b;
        var floor = Math.Floor(quotient);
        return quotient == 0 ? Math.CopySign(0, a / b) : quotient - floor > 0.5 ? floor + 1 : floor;
    }

    // UTF-16 order differs from code point order where surrogates meet U+E000 and above.
    private static int CompareCodePoints(string a, string b)
    {
        for (var i = 0; i < Math.Min(a.Length, b.Length); i++)
        {
            if (a[i] != b[i])
                return char.IsSurrogate(a[i]) == char.IsSurrogate(b[i]) ? a[i].CompareTo(b[i]) : char.IsSurrogate(a[i]) ? 1 : -1;
        }

        return a.Length.CompareTo(b.Length);
    }

    private static TemplateError Unsupported(string sign, Value left, Value right) =>
        new((left as UndefinedValue ?? right as UndefinedValue)?.Reason
            ?? $"unsupported operand type(s) for {sign}: '{left.TypeName}' and '{right.TypeName}'");
}
