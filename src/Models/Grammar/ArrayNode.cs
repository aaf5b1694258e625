namespace Splitwiser.Models.Grammar;

/// <summary>A JSON array. A frame's A is the number of its items; B is where in the array it stands.</summary>
/// <param name="first">The items that have a schema of their own.</param>
/// <param name="rest">All behind those; null for none.</param>
/// <param name="most">Null for any number.</param>
internal sealed class ArrayNode(IReadOnlyList<GrammarNode> first, GrammarNode? rest, int least, int? most) : GrammarNode
{
    private const int Opened = 0, AtFirst = 1, AtItem = 2, BehindItem = 3, BehindComma = 4;

    public override IEnumerable<GrammarNode> Children => rest is null ? first : [.. first, rest];
    public override IEnumerable<GrammarNode> Openers => [];
    public override bool IsOptional => false;

    public override int MeasureHeight()
    {
        if (least > first.Count && rest is null || least > most) return Impossible;
        var height = 0;
        for (var i = 0; i < Math.Min(least, first.Count); i++) height = Math.Max(height, first[i].Height);
        if (least > first.Count) height = Math.Max(height, rest!.Height);
        return Math.Min(Impossible, height + 1);
    }

    public override void Enter(Closure closure, Frame? then, int depth) =>
        closure.Match(JsonTerminals.OpenArray, closure.Frame(this, 0, Opened, then, depth + 1));

    public override void Resume(Closure closure, Frame frame)
    {
        var count = frame.A;
        switch (frame.B)
        {
            case Opened or BehindComma:
                closure.Match(JsonTerminals.Blank, closure.Frame(this, count, frame.B == Opened ? AtFirst : AtItem, frame.Then, frame.Depth));
                break;
            case AtFirst:
                if (count >= least) closure.Match(JsonTerminals.CloseArray, frame.Then);
                Item(closure, frame);
                break;
            case AtItem:
                Item(closure, frame);
                break;
            case BehindItem:
                if (count >= least) closure.Match(JsonTerminals.BlankCloseArray, frame.Then);
                if (HasItem(closure, count, frame.Depth)) closure.Match(JsonTerminals.Comma, closure.Frame(this, count, BehindComma, frame.Then, frame.Depth));
                break;
        }
    }

    private void Item(Closure closure, Frame frame)
    {
        if (HasItem(closure, frame.A, frame.Depth))
            closure.Enter(ItemAt(frame.A)!, closure.Frame(this, Counted(frame.A + 1), BehindItem, frame.Then, frame.Depth), frame.Depth);
    }

    private bool HasItem(Closure closure, int index, int depth) => !(index >= most) && ItemAt(index) is { } item && closure.Fits(item, depth);

    private GrammarNode? ItemAt(int index) => index < first.Count ? first[index] : rest;

    private int Counted(int count) => most is null ? Math.Min(count, Math.Max(Math.Max(least, first.Count), 1)) : count;
}
