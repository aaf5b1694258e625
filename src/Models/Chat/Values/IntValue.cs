using System.Globalization;

namespace Splitwiser.Models.Chat.Values;

internal sealed class IntValue(Int128 number) : Value
{
    public Int128 Number => number;

    public override string TypeName => "int";

    public override bool IsTrue => number != 0;

    public override string Text => number.ToString(CultureInfo.InvariantCulture);

    public override int Hash => ((double)number).GetHashCode();

    public override Value? Property(string name) => Numbers.Property(this, name);

    public override bool SameAs(Value other) => Numbers.AreEqual(this, other);
}
