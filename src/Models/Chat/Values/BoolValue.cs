namespace Splitwiser.Models.Chat.Values;

internal sealed class BoolValue : Value
{
    private readonly bool value;

    private BoolValue(bool value) => this.value = value;

    public static BoolValue True { get; } = new(true);

    public static BoolValue False { get; } = new(false);

    public override string TypeName => "bool";

    public override bool IsTrue => value;

    public override string Text => value ? "True" : "False";

    public override int Hash => (value ? 1.0 : 0.0).GetHashCode(); // true and 1 are one key

    public static BoolValue Of(bool value) => value ? True : False;

    public override Value? Property(string name) => Numbers.Property(this, name);

    public override bool SameAs(Value other) => Numbers.AreEqual(this, other);
}
