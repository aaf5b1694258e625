namespace Splitwiser.Models.Chat.Values;

/// <summary>A list or a tuple. It does not change.</summary>
internal sealed class ListValue(IReadOnlyList<Value> values, ListKind kind = ListKind.List) : Value
{
    public IReadOnlyList<Value> Values => values;

    public ListKind Kind => kind;

    public override Extent Extent { get; } = Extent.Around(values);

    public override string TypeName => kind == ListKind.Tuple ? "tuple" : "list";

    public override bool IsTrue => values.Count > 0;

    public override string Text => kind switch
    {
        ListKind.List => $"[{Inside()}]",
        _ when values.Count == 1 => $"({values[0].Literal},)",
        _ => $"({Inside()})",
    };

    public override int Length => values.Count;

    public override IEnumerable<Value> Elements => values;

    public override IEnumerable<Value> Reversed => values.Reverse();

    public override int Hash => values.Count;

    public override Value? Element(Value key) =>
        Numbers.TryInt(key, out var index) && Slice.TryIndex(index, values.Count, out var at) ? values[at] : null;

    public override Value Sliced(Int128? from, Int128? to, Int128? by) =>
        new ListValue([.. Slice.Positions(from, to, by, values.Count).Select(at => values[at])], kind);

    public override Value? Property(string name) => name switch
    {
        "index" => new FunctionValue(name, arguments => new IntValue(IndexOf(arguments.Required(0, "value")))),
        "count" => new FunctionValue(name, arguments => new IntValue(Count(arguments.Required(0, "value")))),
        "copy" when kind == ListKind.List => new FunctionValue(name, _ => this),
        "append" or "extend" or "insert" or "pop" or "remove" or "clear" or "sort" or "reverse" when kind == ListKind.List => Unsafe(name),
        _ => null,
    };

    public override bool SameAs(Value other) =>
        ReferenceEquals(this, other)
        || (other is ListValue list && list.Kind == kind && list.Values.Count == values.Count
            && values.Zip(list.Values).All(pair => pair.First.SameAs(pair.Second)));

    private string Inside() => string.Join(", ", values.Select(value => value.Literal));

    private int IndexOf(Value value)
    {
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i].SameAs(value))
                return i;
        }

        throw new TemplateError($"{value.Literal} is not in list");
    }

    private int Count(Value value) => values.Count(value.SameAs);
}
