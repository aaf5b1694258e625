using Splitwiser.Models.Chat.Values;

namespace Splitwiser.Models.Chat.Statements;

/// <summary>The variable "loop": where a loop is.</summary>
internal sealed class LoopValue(IReadOnlyList<Value> items) : Value
{
    private Value? last; // what changed() saw

    /// <summary>The turn, counted from 0.</summary>
    public int Index { get; set; }

    public override string TypeName => "LoopContext";

    public override string Text => $"<LoopContext {Index + 1}/{items.Count}>";

    public override Value? Property(string name) => name switch
    {
        "index" => new IntValue(Index + 1),
        "index0" => new IntValue(Index),
        "revindex" => new IntValue(items.Count - Index),
        "revindex0" => new IntValue(items.Count - Index - 1),
        "first" => BoolValue.Of(Index == 0),
        "last" => BoolValue.Of(Index == items.Count - 1),
        "length" => new IntValue(items.Count),
        "previtem" => Index > 0 ? items[Index - 1] : new UndefinedValue("there is no previous item"),
        "nextitem" => Index + 1 < items.Count ? items[Index + 1] : new UndefinedValue("there is no next item"),
        "cycle" => new FunctionValue(name, arguments => arguments.Positional.Count > 0
            ? arguments.Positional[Index % arguments.Positional.Count]
            : throw new TemplateError("no items for cycling given")),
        "changed" => new FunctionValue(name, Changed),
        _ => null,
    };

    private BoolValue Changed(Arguments arguments)
    {
        var now = new ListValue(arguments.Positional);
        var changed = last is null || !last.SameAs(now);
        last = now;
        return BoolValue.Of(changed);
    }
}
