namespace Splitwiser.Models.Grammar;

/// <summary>Terminals made of fixed texts and of other terminals.</summary>
internal static class ByteTexts
{
    /// <summary>One of these texts, and behind it one blank if that is allowed.</summary>
    /// <exception cref="GrammarException">They are too many or too long.</exception>
    public static ByteDfa ToDfa(IEnumerable<byte[]> texts, bool blankBehind = false)
    {
        var nfa = new ByteNfa();
        var end = nfa.AddState();
        var after = nfa.AddState();
        nfa.AddEnd(end);
        nfa.AddEnd(after);
        if (blankBehind) nfa.AddEdge(end, (byte)' ', (byte)' ', after);
        var children = new Dictionary<(int From, byte Value), int>();
        foreach (var text in texts)
        {
            var state = nfa.Start;
            foreach (var value in text)
            {
                if (!children.TryGetValue((state, value), out var to))
                {
                    children.Add((state, value), to = nfa.AddState());
                    nfa.AddEdge(state, value, value, to);
                }
                state = to;
            }
            nfa.AddEmpty(state, end);
        }
        return nfa.ToDfa();
    }

    /// <summary>A terminal and behind it a pattern.</summary>
    public static ByteDfa Followed(ByteDfa first, string pattern)
    {
        var nfa = new ByteNfa();
        int[] states = [.. Enumerable.Range(0, first.StateCount).Select(_ => nfa.AddState())];
        var behind = nfa.AddState();
        var end = nfa.AddState();
        nfa.AddEmpty(nfa.Start, states[0]);
        nfa.AddEnd(end);
        for (var state = 0; state < first.StateCount; state++)
        {
            if (first.Accepts(state)) nfa.AddEmpty(states[state], behind);
            for (var value = 0; value < 256; value++)
                if (first.Next(state, (byte)value) is >= 0 and var to) nfa.AddEdge(states[state], (byte)value, (byte)value, states[to]);
        }
        PatternReader.ReadWhole(pattern).Write(nfa, behind, end, Spelling.Utf8);
        return nfa.ToDfa();
    }
}
