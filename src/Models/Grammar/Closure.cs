namespace Splitwiser.Models.Grammar;

/// <summary>Collects the readings of one state: what can come next, once all rules that begin or go on without a byte have done so.</summary>
internal sealed class Closure(Dictionary<(GrammarNode Node, int A, int B, Frame? Then, int Depth), Frame> frames)
{
    private readonly HashSet<Frame> resumed = [];
    private readonly HashSet<(GrammarNode Node, Frame? Then)> entered = [];
    private readonly Stack<(GrammarNode? Entered, Frame? Frame, int Depth)> pending = [];   // to enter with Frame behind it, or to resume
    private bool working;
    private int counted;

    public HashSet<Reading> Readings { get; } = [];

    public HashSet<ExpectedToken> Tokens { get; } = [];

    /// <summary>The output may end here.</summary>
    public bool MayEnd { get; private set; }

    /// <summary>Rules that were begun or gone on with.</summary>
    public int Steps { get; private set; }

    /// <summary>Empties it.</summary>
    public void Begin()
    {
        resumed.Clear();
        entered.Clear();
        Readings.Clear();
        Tokens.Clear();
        MayEnd = false;
        pending.Clear();
        working = false;
        Steps = 0;
    }

    /// <summary>How many frames were made since the last call.</summary>
    public int TakeNewFrames()
    {
        var fresh = frames.Count - counted;
        counted = frames.Count;
        return fresh;
    }

    public Frame Frame(GrammarNode node, int a, int b, Frame? then, int depth)
    {
        var key = (node, a, b, then, depth);
        if (!frames.TryGetValue(key, out var frame)) frames.Add(key, frame = new Frame(node, a, b, then, depth, frames.Count));
        return frame;
    }

    /// <summary>Whether a value of the rule can be finished within the nesting that is left.</summary>
    public bool Fits(GrammarNode node, int depth) => depth + node.Height <= GrammarLimits.Depth;

    public void Enter(GrammarNode node, Frame? then, int depth)
    {
        if (!Fits(node, depth) || !entered.Add((node, then))) return;
        pending.Push((node, then, depth));
        Work();
    }

    public void Resume(Frame? frame)
    {
        if (frame is null) MayEnd = true;
        else if (resumed.Add(frame))
        {
            pending.Push((null, frame, 0));
            Work();
        }
    }

    public void Match(ByteMatcher matcher, Frame? then) => Match(matcher, 0, then);

    public void Match(ByteMatcher matcher, int state, Frame? then)
    {
        if (matcher.GoesOn(state) && Readings.Count < GrammarLimits.Threads) Readings.Add(new Reading(matcher, state, then));
        if (matcher.Accepts(state)) Resume(then);
    }

    /// <summary>One after the other and never one within the other: a grammar may have any number of rules in a row that match nothing.</summary>
    private void Work()
    {
        if (working) return;
        working = true;
        while (pending.TryPop(out var next) && ++Steps <= GrammarLimits.Steps)
        {
            if (next.Entered is { } node) node.Enter(this, next.Frame, next.Depth);
            else next.Frame!.Node.Resume(this, next.Frame);
        }
        pending.Clear();
        working = false;
    }

    public void Expect(int token, Frame? then)
    {
        if (Tokens.Count < GrammarLimits.Threads) Tokens.Add(new ExpectedToken(token, then));
    }
}
