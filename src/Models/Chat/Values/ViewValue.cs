namespace Splitwiser.Models.Chat.Values;

/// <summary>The keys, values or items of a dictionary: counted and looped over, but neither indexed nor written as JSON.</summary>
internal sealed class ViewValue(string name, IReadOnlyList<Value> values) : Value
{
    public override Extent Extent { get; } = Extent.Around(values);

    public override string TypeName => name;

    public override bool IsTrue => values.Count > 0;

    public override string Text => $"{name}([{string.Join(", ", values.Select(value => value.Literal))}])";

    public override int Length => values.Count;

    public override IEnumerable<Value> Elements => values;

    public override IEnumerable<Value> Reversed => values.Reverse();
}
