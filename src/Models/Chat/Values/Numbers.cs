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

    public static bool TryFloat(Value value, out double number)
    {
        number = value is FloatValue f ? f.Number : TryInt(value, out var i) ? (double)i : 0;
        return value is FloatValue or IntValue or BoolValue;
    }

    public static bool AreEqual(Value a, Value b) =>
        TryInt(a, out var i) && TryInt(b, out var j) ? i == j : TryFloat(a, out var x) && TryFloat(b, out var y) && x == y;
}
