namespace Splitwiser.Models.Chat.Values;

/// <summary>A group that groupby makes: the pair (grouper, list), with names for both.</summary>
internal sealed class GroupValue(Value grouper, ListValue list) : Value
{
    private readonly ListValue pair = new([grouper, list], ListKind.Tuple);

    public override string TypeName => "_GroupTuple";

    public override string Text => pair.Text;

    public override Extent Extent => pair.Extent;

    public override int Length => pair.Length;

    public override IEnumerable<Value> Elements => pair.Elements;

    public override IEnumerable<Value> Reversed => pair.Reversed;

    public override Value? Element(Value key) => pair.Element(key);

    public override Value? Property(string name) => name switch
    {
        "grouper" => grouper,
        "list" => list,
        _ => pair.Property(name),
    };
}
