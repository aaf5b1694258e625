namespace Splitwiser.Models.Chat.Values;

/// <summary>cycler(a, b, ...): gives its items in turn, over and over.</summary>
internal sealed class CyclerValue(IReadOnlyList<Value> items) : Value
{
    private readonly IReadOnlyList<Value> items = items.Count > 0 ? items : throw new TemplateError("at least one item has to be provided");
    private int at;

    public override string TypeName => "Cycler";

    public override string Text => "<Cycler>";

    public override Value? Property(string name) => name switch
    {
        "current" => items[at],
        "next" => new FunctionValue(name, _ => Next()),
        "reset" => new FunctionValue(name, _ => Reset()),
        _ => null,
    };

    private Value Next()
    {
        var item = items[at];
        at = (at + 1) % items.Count;
        return item;
    }

    private NoneValue Reset()
    {
        at = 0;
        return NoneValue.Instance;
    }
}
