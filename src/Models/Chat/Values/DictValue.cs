namespace Splitwiser.Models.Chat.Values;

/// <summary>A dictionary in the order of its making. It does not change.</summary>
internal sealed class DictValue : Value
{
    private readonly OrderedDictionary<Value, Value> members;

    public DictValue(IEnumerable<(Value Key, Value Value)> members)
    {
        this.members = new OrderedDictionary<Value, Value>(ValueEquality.Instance);
        foreach (var (key, value) in members)
            this.members[key] = value;
        Extent = Extent.Around(this.members.Values);
    }

    public IEnumerable<(Value Key, Value Value)> Members => members.Select(member => (member.Key, member.Value));

    public override Extent Extent { get; }

    public override string TypeName => "dict";

    public override bool IsTrue => members.Count > 0;

    public override string Text => $"{{{string.Join(", ", members.Select(member => $"{member.Key.Literal}: {member.Value.Literal}"))}}}";

    public override int Length => members.Count;

    public override IEnumerable<Value> Elements => members.Keys;

    public override IEnumerable<Value> Reversed => members.Keys.Reverse();

    /// <summary>Its members as (key, value).</summary>
    public IEnumerable<Value> Items => members.Select(member => new ListValue([member.Key, member.Value], ListKind.Tuple));

    public bool Has(Value key) => members.ContainsKey(key);

    public override Value? Element(Value key) => ValueEquality.IsHashable(key) ? members.GetValueOrDefault(key) : null;

    public override Value? Property(string name) => name switch
    {
        "items" => new FunctionValue(name, _ => new ViewValue("dict_items", [.. Items])),
        "keys" => new FunctionValue(name, _ => new ViewValue("dict_keys", [.. members.Keys])),
        "values" => new FunctionValue(name, _ => new ViewValue("dict_values", [.. members.Values])),
        "get" => new FunctionValue(name, arguments => members.GetValueOrDefault(arguments.Required(0, "key")) ?? arguments.Optional(1, "default") ?? NoneValue.Instance),
        "copy" => new FunctionValue(name, _ => this),
        "update" or "pop" or "popitem" or "setdefault" or "clear" => Unsafe(name),
        _ => null,
    };

    public override bool SameAs(Value other) =>
        ReferenceEquals(this, other)
        || (other is DictValue dict && dict.members.Count == members.Count
            && members.All(member => dict.Element(member.Key)?.SameAs(member.Value) ?? false));
}
