using Splitwiser.Models.Chat.Values;

namespace Splitwiser.Models.Chat.Statements;

/// <summary>The variable "loop": where a loop is. It reads its items one by one, further ahead only where it is asked to.</summary>
internal sealed class LoopValue(IEnumerable<Value> items, int depth, Func<Value, Value>? again) : Value
{
    private readonly IEnumerator<Value> items = items.GetEnumerator();
    private readonly Queue<Value> ahead = [];
    private Value? before;
    private Value? last; // what changed() saw

    /// <summary>The turn, counted from 0; -1 before the first.</summary>
    public int Index { get; private set; } = -1;

    public Value Current { get; private set; } = NoneValue.Instance;

    public override string TypeName => "LoopContext";

    public override string Text => $"<LoopContext {Index + 1}/{Count}>";

    public override bool IsCallable => again is not null;

    public override int Length => Count;

    private int Count => Index + 1 + Ahead(int.MaxValue);

    public override Value? Invoke(Arguments arguments) =>
        again?.Invoke(arguments.Required(0, "iterable")) ?? throw new TemplateError("The loop must have the 'recursive' marker to be called recursively.");

    /// <summary>Goes on to the next item, if there is one.</summary>
    public bool Next()
    {
        if (Ahead(1) == 0)
            return false;
        before = Index < 0 ? null : Current;
        Current = ahead.Dequeue();
        Index++;
        return true;
    }

    public override Value? Property(string name) => name switch
    {
        "index" => new IntValue(Index + 1),
        "index0" => new IntValue(Index),
        "revindex" => new IntValue(Count - Index),
        "revindex0" => new IntValue(Count - Index - 1),
        "first" => BoolValue.Of(Index == 0),
        "last" => BoolValue.Of(Ahead(1) == 0),
        "length" => new IntValue(Count),
        "depth" => new IntValue(depth + 1),
        "depth0" => new IntValue(depth),
        "previtem" => before ?? new UndefinedValue("there is no previous item"),
        "nextitem" => Ahead(1) > 0 ? ahead.Peek() : new UndefinedValue("there is no next item"),
        "cycle" => new FunctionValue(name, arguments => arguments.Positional.Count > 0
            ? arguments.Positional[Index % arguments.Positional.Count]
            : throw new TemplateError("no items for cycling given")),
        "changed" => new FunctionValue(name, Changed),
        _ => null,
    };

    // How many items wait, after reading up to so many.
    private int Ahead(int wanted)
    {
        while (ahead.Count < wanted && items.MoveNext())
            ahead.Enqueue(items.Current);
        return ahead.Count;
    }

    private BoolValue Changed(Arguments arguments)
    {
        var now = new ListValue(arguments.Positional);
        var changed = last is null || !last.SameAs(now);
        last = now;
        return BoolValue.Of(changed);
    }
}
