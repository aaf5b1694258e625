using System.Globalization;
using System.Numerics;

namespace Splitwiser.Models.Chat.Values;

/// <summary>The exact decimal digits of a float, rounded to even as Python rounds them.</summary>
internal static class Decimals
{
    private const int Most = 400; // digits asked for

    /// <summary>With <paramref name="places"/> digits behind the point: 2.50.</summary>
    public static string Fixed(double number, int places)
    {
        if (places > Most)
            throw new TemplateError("more digits than are served");
        var (digits, negative) = (Scaled(Math.Abs(number), places), double.IsNegative(number));
        var text = digits.ToString(CultureInfo.InvariantCulture).PadLeft(places + 1, '0');
        return (negative ? "-" : "") + (places > 0 ? $"{text[..^places]}.{text[^places..]}" : text);
    }

    /// <summary>With one digit before the point and an exponent: 2.50e+00.</summary>
    public static string Scientific(double number, int places)
    {
        if (places > Most)
            throw new TemplateError("more digits than are served");
        var (digits, exponent) = Significant(Math.Abs(number), places + 1);
        var point = places > 0 ? $"{digits[0]}.{digits[1..]}" : digits;
        return $"{(double.IsNegative(number) ? "-" : "")}{point}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
    }

    /// <summary>With that many digits in all, in whichever of both ways is shorter; zeros at the end go, unless they are kept.</summary>
    public static string General(double number, int precision, bool keepZeros = false)
    {
        precision = Math.Max(precision, 1);
        var (_, exponent) = Significant(Math.Abs(number), precision);
        var scientific = exponent < -4 || exponent >= precision;
        var text = scientific ? Scientific(number, precision - 1) : Fixed(number, precision - 1 - exponent);
        if (keepZeros || !text.Contains('.'))
            return text;
        var mark = text.IndexOf('e');
        return mark < 0 ? text.TrimEnd('0').TrimEnd('.') : text[..mark].TrimEnd('0').TrimEnd('.') + text[mark..];
    }

    /// <summary>The nearest float with that many digits behind the point; a negative number counts before it.</summary>
    public static double Round(double number, int places)
    {
        if (!double.IsFinite(number) || places > 330)
            return number;
        if (places >= 0)
            return double.Parse(Fixed(number, places), CultureInfo.InvariantCulture);
        var unit = BigInteger.Pow(10, Math.Min(-places, Most));
        var rounded = Quotient(Scaled(Math.Abs(number), 20), unit * BigInteger.Pow(10, 20)) * unit;
        return Math.CopySign((double)rounded, number);
    }

    // number * 10^places, rounded.
    private static BigInteger Scaled(double number, int places)
    {
        var bits = BitConverter.DoubleToInt64Bits(number);
        var exponent = (int)(bits >> 52) & 0x7FF;
        BigInteger mantissa = (bits & 0xFFFFFFFFFFFFF) | (exponent > 0 ? 1L << 52 : 0);
        exponent = Math.Max(exponent, 1) - 1075;
        var up = mantissa * BigInteger.Pow(10, Math.Max(places, 0)) << Math.Max(exponent, 0);
        return Quotient(up, BigInteger.Pow(10, Math.Max(-places, 0)) << Math.Max(-exponent, 0));
    }

    private static BigInteger Quotient(BigInteger number, BigInteger divisor)
    {
        var quotient = BigInteger.DivRem(number, divisor, out var rest);
        var half = (2 * rest).CompareTo(divisor);
        return half > 0 || (half == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }

    private static (string Digits, int Exponent) Significant(double number, int count)
    {
        if (number == 0)
            return (new string('0', count), 0);
        var exponent = (int)Math.Floor(Math.Log10(number));
        while (true)
        {
            var digits = Scaled(number, count - 1 - exponent).ToString(CultureInfo.InvariantCulture);
            if (digits.Length == count)
                return (digits, exponent);
            exponent += digits.Length - count; // the logarithm was not exact, or rounding made one digit more
        }
    }
}
