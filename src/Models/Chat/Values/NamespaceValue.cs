namespace Splitwiser.Models.Chat.Values;

/// <summary>The one value that templates can change: namespace(), whose attributes outlive loops.</summary>
internal sealed class NamespaceValue(IEnumerable<KeyValuePair<string, Value>> members) : Value
{
    private readonly Dictionary<string, Value> members = new(members);

    public override string TypeName => "namespace";

    public override string Text => "<Namespace>"; // without its members: it may hold itself

    public void Set(string name, Value value) => members[name] = value;

    public override Value? Element(Value key) => key is StringValue name ? members.GetValueOrDefault(name.Text) : null;
}
