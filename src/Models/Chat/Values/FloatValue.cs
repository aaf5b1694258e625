using System.Globalization;

namespace Splitwiser.Models.Chat.Values;

internal sealed class FloatValue(double number) : Value
{
    public double Number => number;

    public override string TypeName => "float";

    public override bool IsTrue => number != 0;

    public override string Text => Write(number);

    public override int Hash => (number + 0.0).GetHashCode(); // -0.0 and 0.0 are one key

    public override Value? Property(string name) => Numbers.Property(this, name);

    public override bool SameAs(Value other) => Numbers.AreEqual(this, other);

    // Python's repr: the shortest digits that read back the same, an exponent below 1e-4 and from 1e16 on.
    private static string Write(double number)
    {
        if (!double.IsFinite(number))
            return double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
        var shortest = Math.Abs(number).ToString("E16", CultureInfo.InvariantCulture);
        for (var digits = 0; digits < 16; digits++)
        {
            var shorter = Math.Abs(number).ToString($"E{digits}", CultureInfo.InvariantCulture);
            if (double.Parse(shorter, CultureInfo.InvariantCulture) == Math.Abs(number))
            {
                shortest = shorter;
                break;
            }
        }

        var mark = shortest.IndexOf('E');
        var mantissa = shortest[..mark].Replace(".", "", StringComparison.Ordinal).TrimEnd('0').PadRight(1, '0');
        var exponent = int.Parse(shortest[(mark + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return (double.IsNegative(number) ? "-" : "") + exponent switch
        {
            < -4 or >= 16 => $"{Point(mantissa, 1)}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}",
            < 0 => $"0.{new string('0', -exponent - 1)}{mantissa}",
            _ => Point(mantissa.PadRight(exponent + 2, '0'), exponent + 1),
        };
    }

    private static string Point(string digits, int at) => digits.Length == at ? digits : $"{digits[..at]}.{digits[at..]}";
}
