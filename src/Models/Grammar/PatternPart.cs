using Splitwiser.Models.Tokenization.Patterns;

namespace Splitwiser.Models.Grammar;

/// <summary>A piece of a regular expression; it writes itself into an automaton between two states.</summary>
internal abstract record PatternPart
{
    public static PatternPart Nothing { get; } = new PatternSequence([]);

    public static PatternPart Anything { get; } = new PatternRepeat(new PatternSet(CodePointSet.All), 0, null);

    public abstract void Write(ByteNfa nfa, int from, int to, Spelling spelling);

    /// <summary>The whole as a terminal, between a prefix and a suffix.</summary>
    /// <exception cref="GrammarException">It is too large.</exception>
    public ByteDfa ToDfa(Spelling spelling, string around = "")
    {
        var nfa = new ByteNfa();
        var (first, last, end) = (nfa.AddState(), nfa.AddState(), nfa.AddState());
        var quotes = System.Text.Encoding.UTF8.GetBytes(around);
        nfa.AddLiteral(nfa.Start, quotes, first);
        Write(nfa, first, last, spelling);
        nfa.AddLiteral(last, quotes, end);
        nfa.AddEnd(end);
        return nfa.ToDfa();
    }
}

/// <summary>One character of a set.</summary>
internal sealed record PatternSet(CodePointSet Characters) : PatternPart
{
    public override void Write(ByteNfa nfa, int from, int to, Spelling spelling) => nfa.Add(from, Characters, spelling, to);
}

/// <summary>One after the other.</summary>
internal sealed record PatternSequence(IReadOnlyList<PatternPart> Parts) : PatternPart
{
    public override void Write(ByteNfa nfa, int from, int to, Spelling spelling)
    {
        for (var i = 0; i < Parts.Count; i++)
        {
            var next = nfa.AddState();
            Parts[i].Write(nfa, from, next, spelling);
            from = next;
        }
        nfa.AddEmpty(from, to);
    }
}

/// <summary>One of several.</summary>
internal sealed record PatternChoice(IReadOnlyList<PatternPart> Options) : PatternPart
{
    public override void Write(ByteNfa nfa, int from, int to, Spelling spelling)
    {
        foreach (var option in Options) option.Write(nfa, from, to, spelling);
    }
}

/// <summary>The same over and over.</summary>
/// <param name="Most">Null for any number.</param>
internal sealed record PatternRepeat(PatternPart Part, int Least, int? Most) : PatternPart
{
    public override void Write(ByteNfa nfa, int from, int to, Spelling spelling)
    {
        for (var i = 0; i < Least; i++) from = WriteOne(nfa, from, spelling);
        if (Most is null)
        {
            var loop = nfa.AddState();
            nfa.AddEmpty(from, loop);
            nfa.AddEmpty(WriteOne(nfa, loop, spelling), loop);
            from = loop;
        }
        for (var i = Least; i < Most; i++)
        {
            nfa.AddEmpty(from, to);
            from = WriteOne(nfa, from, spelling);
        }
        nfa.AddEmpty(from, to);
    }

    private int WriteOne(ByteNfa nfa, int from, Spelling spelling)
    {
        // A state of its own: the part may have ways back to where it starts.
        var (first, last) = (nfa.AddState(), nfa.AddState());
        nfa.AddEmpty(from, first);
        Part.Write(nfa, first, last, spelling);
        return last;
    }
}
