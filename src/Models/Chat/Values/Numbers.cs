using System.Text;

namespace Splitwiser.Models.Chat.Values;

/// <summary>What whole numbers, truth values and floats have in common.</summary>
internal static class Numbers
{
    /// <summary>A whole number, true and false included.</summary>
    public static bool TryInt(Value value, out Int128 number)
    {
        number = value switch
        {
            IntValue i => i.Number,
            BoolValue b => b.IsTrue ? 1 : 0,
            _ => 0,
        };
        return value is IntValue or BoolValue;
    }

    /// <summary>A character by its number.</summary>
    public static bool TryRune(Int128 number, out Rune rune)
    {
        rune = default;
        return number >= 0 && number <= int.MaxValue && Rune.TryCreate((int)number, out rune);
    }

    public static bool TryFloat(Value value, out double number)
    {
        number = value is FloatValue f ? f.Number : TryInt(value, out var i) ? (double)i : 0;
        return value is FloatValue or IntValue or BoolValue;
    }

    /// <summary>What Python's numbers have by name.</summary>
    public static Value? Property(Value number, string name) => name switch
    {
        "real" or "numerator" when number is not FloatValue || name == "real" => Plain(number),
        "imag" => number is FloatValue ? new FloatValue(0) : new IntValue(0),
        "denominator" when number is not FloatValue => new IntValue(1),
        "conjugate" => new FunctionValue(name, _ => Plain(number)),
        "is_integer" when number is FloatValue f => new FunctionValue(name, _ => BoolValue.Of(Math.Floor(f.Number) == f.Number)),
        "bit_length" when TryInt(number, out var whole) => new FunctionValue(name, _ => new IntValue(whole == 0 ? 0 : Int128.Log2(Int128.Abs(whole)) + 1)),
        _ => null,
    };

    private static Value Plain(Value number) => TryInt(number, out var whole) ? new IntValue(whole) : number;

    public static bool AreEqual(Value a, Value b) =>
        TryInt(a, out var i) && TryInt(b, out var j) ? i == j : TryFloat(a, out var x) && TryFloat(b, out var y) && x == y;
}
