namespace Splitwiser.Models.Grammar;

/// <summary>A member that an object may have, or must.</summary>
/// <param name="Key">Its name as JSON, the colon and a blank if there is one.</param>
internal sealed record ObjectMember(ByteMatcher Key, GrammarNode Value, bool Required);

/// <summary>
/// A JSON object: its members in their order, then any others. A frame's A is the index of the next member that may come, times
/// <see cref="Places"/>, plus where in the object it stands; B is the number of members so far.
/// </summary>
/// <param name="others">Every other member, its Key any name but those of the members; null for none.</param>
/// <param name="most">Null for any number.</param>
internal sealed class ObjectNode(IReadOnlyList<ObjectMember> members, ObjectMember? others, int least, int? most) : GrammarNode
{
    private const int Places = 8;
    private const int Opened = 0, AtFirst = 1, AtKey = 2, AtValue = 3, BehindValue = 4, BehindComma = 5;
    private readonly int[] required = CountRequired(members);   // (members + 1) required ones from each index on

    public override IEnumerable<GrammarNode> Children => others is null ? members.Select(member => member.Value) : [.. members.Select(member => member.Value), others.Value];
    public override IEnumerable<GrammarNode> Openers => [];
    public override bool IsOptional => false;

    public override int MeasureHeight()
    {
        if (required[0] > most || least > most || (least > members.Count && !HasOthers)) return Impossible;
        var height = 0;
        var needsMore = least > required[0];        // any optional one may then be needed
        foreach (var member in members)
            if (member.Required || needsMore) height = Math.Max(height, member.Value.Height);
        if (needsMore && HasOthers) height = Math.Max(height, others!.Value.Height);
        return Math.Min(Impossible, height + 1);
    }

    public override void Enter(Closure closure, Frame? then, int depth) =>
        closure.Match(JsonTerminals.OpenObject, closure.Frame(this, Opened, 0, then, depth + 1));

    public override void Resume(Closure closure, Frame frame)
    {
        var (index, place) = Math.DivRem(frame.A, Places);
        var count = frame.B;
        switch (place)
        {
            case Opened or BehindComma:
                closure.Match(JsonTerminals.Blank, Moved(closure, frame, index, place == Opened ? AtFirst : AtKey, count));
                break;
            case AtFirst:
                if (MayClose(index, count)) closure.Match(JsonTerminals.CloseObject, frame.Then);
                Keys(closure, frame, index, count);
                break;
            case AtKey:
                Keys(closure, frame, index, count);
                break;
            case AtValue:
                var value = index < members.Count ? members[index].Value : others!.Value;
                closure.Enter(value, Moved(closure, frame, Math.Min(index + 1, members.Count), BehindValue, Counted(count + 1)), frame.Depth);
                break;
            case BehindValue:
                if (MayClose(index, count)) closure.Match(JsonTerminals.BlankCloseObject, frame.Then);
                if (HasMore(closure, frame.Depth, index, count)) closure.Match(JsonTerminals.Comma, Moved(closure, frame, index, BehindComma, count));
                break;
        }
    }

    private bool HasOthers => others is not null && others.Value.Height < Impossible;

    private Frame Moved(Closure closure, Frame frame, int index, int place, int count) =>
        closure.Frame(this, index * Places + place, count, frame.Then, frame.Depth);

    private bool MayClose(int index, int count) => required[index] == 0 && count >= least;

    private bool HasMore(Closure closure, int depth, int index, int count)
    {
        for (; index < members.Count; index++)
        {
            if (MayCome(closure, depth, index, count)) return true;
            if (members[index].Required) return false;
        }
        return OthersMayCome(closure, depth, count);
    }

    private void Keys(Closure closure, Frame frame, int index, int count)
    {
        for (; index < members.Count; index++)
        {
            if (MayCome(closure, frame.Depth, index, count)) closure.Match(members[index].Key, Moved(closure, frame, index, AtValue, count));
            if (members[index].Required) return;
        }
        if (OthersMayCome(closure, frame.Depth, count)) closure.Match(others!.Key, Moved(closure, frame, index, AtValue, count));
    }

    /// <summary>The member leaves room for the required ones behind it, and enough behind it to reach the least count.</summary>
    private bool MayCome(Closure closure, int depth, int index, int count) =>
        !(count + 1 + required[index + 1] > most)
        && (HasOthers || count + 1 + (members.Count - index - 1) >= least)
        && closure.Fits(members[index].Value, depth);

    private bool OthersMayCome(Closure closure, int depth, int count) => others is not null && !(count + 1 > most) && closure.Fits(others.Value, depth);

    private int Counted(int count) => most is null ? Math.Min(count, Math.Max(least, 1)) : count;

    private static int[] CountRequired(IReadOnlyList<ObjectMember> members)
    {
        var counts = new int[members.Count + 1];
        for (var i = members.Count - 1; i >= 0; i--) counts[i] = counts[i + 1] + (members[i].Required ? 1 : 0);
        return counts;
    }
}
