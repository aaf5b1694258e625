namespace Splitwiser.Models.Grammar;

/// <summary>
/// A rule of a grammar. Each reading of the output is a terminal that is being matched and, behind it, a chain of <see cref="Frame"/>s:
/// the rules that wait for it to end. Nodes say how a rule begins and how it goes on when a part of it has ended.
/// </summary>
internal abstract class GrammarNode
{
    /// <summary>No value can be finished.</summary>
    public const int Impossible = int.MaxValue / 2;

    /// <summary>Least nesting of objects and arrays that a value of it needs; <see cref="Impossible"/> until known.</summary>
    public int Height { get; set; } = Impossible;

    /// <summary>All nodes that it refers to.</summary>
    public abstract IEnumerable<GrammarNode> Children { get; }

    /// <summary>Those that may begin where it begins, with no byte between.</summary>
    public abstract IEnumerable<GrammarNode> Openers { get; }

    /// <summary>It may match nothing at all.</summary>
    public abstract bool IsOptional { get; }

    /// <summary>Its height by those of its children.</summary>
    public abstract int MeasureHeight();

    /// <summary>Begins the rule; what ends it resumes <paramref name="then"/>.</summary>
    public abstract void Enter(Closure closure, Frame? then, int depth);

    /// <summary>Goes on behind a part of the rule that has ended.</summary>
    public virtual void Resume(Closure closure, Frame frame) => throw new InvalidOperationException($"{GetType().Name} has no parts.");
}

/// <summary>A terminal.</summary>
internal sealed class TerminalNode : GrammarNode
{
    private readonly ByteMatcher matcher;

    public TerminalNode(ByteMatcher matcher)
    {
        this.matcher = matcher;
        Height = 0;
    }

    public ByteMatcher Matcher => matcher;
    public override IEnumerable<GrammarNode> Children => [];
    public override IEnumerable<GrammarNode> Openers => [];
    public override bool IsOptional => matcher.Accepts(0);

    public override int MeasureHeight() => 0;

    public override void Enter(Closure closure, Frame? then, int depth) => closure.Match(matcher, then);
}

/// <summary>One special token, which has no text.</summary>
internal sealed class TokenNode : GrammarNode
{
    private readonly int id;

    public TokenNode(int id)
    {
        this.id = id;
        Height = 0;
    }

    public override IEnumerable<GrammarNode> Children => [];
    public override IEnumerable<GrammarNode> Openers => [];
    public override bool IsOptional => false;

    public override int MeasureHeight() => 0;

    public override void Enter(Closure closure, Frame? then, int depth) => closure.Expect(id, then);
}

/// <summary>One of several; filled after it is made, since rules may refer to themselves.</summary>
internal sealed class ChoiceNode : GrammarNode
{
    public IReadOnlyList<GrammarNode> Options { get; set; } = [];

    public override IEnumerable<GrammarNode> Children => Options;
    public override IEnumerable<GrammarNode> Openers => Options;
    public override bool IsOptional => Options.Any(option => option.IsOptional);

    public override int MeasureHeight() => Options.Count == 0 ? Impossible : Options.Min(option => option.Height);

    public override void Enter(Closure closure, Frame? then, int depth)
    {
        foreach (var option in Options) closure.Enter(option, then, depth);
    }
}

/// <summary>One after the other. A frame's A is the index of the next part.</summary>
internal sealed class SequenceNode(IReadOnlyList<GrammarNode> parts) : GrammarNode
{
    public override IEnumerable<GrammarNode> Children => parts;

    public override IEnumerable<GrammarNode> Openers
    {
        get
        {
            foreach (var part in parts)
            {
                yield return part;
                if (!part.IsOptional) yield break;
            }
        }
    }

    public override bool IsOptional => parts.All(part => part.IsOptional);

    public override int MeasureHeight() => parts.Count == 0 ? 0 : parts.Max(part => part.Height);

    public override void Enter(Closure closure, Frame? then, int depth) => Go(closure, 0, then, depth);

    public override void Resume(Closure closure, Frame frame) => Go(closure, frame.A, frame.Then, frame.Depth);

    private void Go(Closure closure, int index, Frame? then, int depth)
    {
        if (index == parts.Count) closure.Resume(then);
        else closure.Enter(parts[index], index == parts.Count - 1 ? then : closure.Frame(this, index + 1, 0, then, depth), depth);
    }
}

/// <summary>The same over and over, with something between. A frame's A is how many there were; B is 1 when the separator has just ended.</summary>
/// <param name="separator">Null for none.</param>
/// <param name="most">Null for any number.</param>
internal sealed class RepeatNode(GrammarNode part, GrammarNode? separator, int least, int? most) : GrammarNode
{
    public override IEnumerable<GrammarNode> Children => separator is null ? [part] : [part, separator];
    public override IEnumerable<GrammarNode> Openers => [part];
    public override bool IsOptional => least == 0;

    public override int MeasureHeight() => least == 0 ? 0 : Math.Max(part.Height, separator?.Height ?? 0);

    public override void Enter(Closure closure, Frame? then, int depth)
    {
        if (least == 0) closure.Resume(then);
        if (most != 0) closure.Enter(part, closure.Frame(this, Counted(1), 0, then, depth), depth);
    }

    public override void Resume(Closure closure, Frame frame)
    {
        var (count, depth) = (frame.A, frame.Depth);
        if (frame.B == 1)
        {
            closure.Enter(part, closure.Frame(this, Counted(count + 1), 0, frame.Then, depth), depth);
            return;
        }
        if (count >= least) closure.Resume(frame.Then);
        if (count >= most) return;
        if (separator is null) closure.Enter(part, closure.Frame(this, Counted(count + 1), 0, frame.Then, depth), depth);
        else closure.Enter(separator, closure.Frame(this, count, 1, frame.Then, depth), depth);
    }

    /// <summary>Without an upper limit, counts past the lower one are all the same.</summary>
    private int Counted(int count) => most is null ? Math.Min(count, Math.Max(least, 1)) : count;
}
