namespace Splitwiser.Models.Chat.Values;

/// <summary>A list, a tuple, or the output of a filter that Python makes lazily (a generator). None of them changes.</summary>
internal sealed class ListValue(IReadOnlyList<Value> values, ListKind kind = ListKind.List) : Value
{
    public IReadOnlyList<Value> Values => values;

    public ListKind Kind => kind;

    public override Extent Extent { get; } = Extent.Around(values);

    public override string TypeName => kind switch
    {
        ListKind.Tuple => "tuple",
        ListKind.Generator => "generator",
        _ => "list",
    };

    public override bool IsTrue => kind == ListKind.Generator || values.Count > 0;

    public override string Text => kind switch
    {
        ListKind.Tuple => values.Count == 1 ? $"({values[0].Literal},)" : $"({Inside()})",
        ListKind.Generator => "<generator object>",
        _ => $"[{Inside()}]",
    };

    public override int Length => kind == ListKind.Generator ? base.Length : values.Count;

    public override IEnumerable<Value> Elements => values;

    public override int Hash => values.Count;

    public override Value? Element(Value key) =>
        Numbers.TryInt(key, out var index) && Slice.TryIndex(index, values.Count, out var at) ? values[at] : null;

    public override Value? Property(string name) => name switch
    {
        _ when kind == ListKind.Generator => null,
        "index" => new FunctionValue(name, arguments => new IntValue(IndexOf(arguments.Required(0, "value")))),
        "count" => new FunctionValue(name, arguments => new IntValue(Count(arguments.Required(0, "value")))),
        "copy" when kind == ListKind.List => new FunctionValue(name, _ => this),
        "append" or "extend" or "insert" or "pop" or "remove" or "clear" or "sort" or "reverse" when kind == ListKind.List =>
            throw new TemplateError($"a list can't be changed: '{name}'"),
        _ => null,
    };

    public override bool SameAs(Value other) =>
        ReferenceEquals(this, other)
        || (kind != ListKind.Generator && other is ListValue list && list.Kind == kind && list.Values.Count == values.Count
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
