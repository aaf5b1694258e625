namespace Splitwiser.Models.Chat.Values;

/// <summary>What an unknown name or key gives: prints as nothing, is false and empty, and fails where it is used.</summary>
internal sealed class UndefinedValue(string reason) : Value
{
    /// <summary>Why it is undefined.</summary>
    public string Reason => reason;

    public override string TypeName => "Undefined";

    public override bool IsTrue => false;

    public override string Text => "";

    public override string Literal => "Undefined";

    public override int Length => 0;

    public override IEnumerable<Value> Elements => [];

    public override IEnumerable<Value> Reversed => [];

    public override int Hash => 0;

    public override bool IsCallable => true; // Python says so, and fails in the call

    public override Value Invoke(Arguments arguments) => throw new TemplateError(reason);

    public override Value Sliced(Int128? from, Int128? to, Int128? by) => throw new TemplateError(reason);

    public override bool SameAs(Value other) => other is UndefinedValue;

    public override Value Attribute(string name) => throw new TemplateError(reason);

    public override Value Item(Value key) => throw new TemplateError(reason);
}
