namespace Splitwiser.Models.Grammar;

/// <summary>A grammar over a vocabulary: which tokens may come next. Masks are kept for every state that they were asked for in. Thread-safe.</summary>
public sealed class TokenGrammar
{
    private readonly Lazy<TokenTable> table;
    private readonly Lazy<GrammarAutomaton> automaton;

    internal TokenGrammar(GrammarNode root, Lazy<TokenTable> table)
    {
        this.table = table;
        automaton = new Lazy<GrammarAutomaton>(() => new GrammarAutomaton(Table.DropsFirstBlank ? BehindBlank(root) : root));
    }

    internal GrammarAutomaton Automaton => automaton.Value;

    internal TokenTable Table => table.Value;

    /// <summary>A walk through the grammar from its start, for one sequence.</summary>
    /// <param name="endTokenIds">The tokens that end the output: they fit where it is whole, and only there.</param>
    public GrammarCursor Open(IEnumerable<int> endTokenIds) => new(this, [.. endTokenIds]);

    private static ChoiceNode BehindBlank(GrammarNode root)
    {
        var node = new ChoiceNode { Options = [root, new SequenceNode([new TerminalNode(new ByteLiteral(" "u8)), root])] };
        GrammarCheck.Measure(node);
        return node;
    }

    /// <summary>The tokens that fit in a state, those that end the output left out.</summary>
    internal uint[] MaskOf(GrammarState state)
    {
        if (state.Mask is { } known) return known;
        var mask = Table.Walk(Automaton, state);
        state.Mask = mask;
        Automaton.Charge(sizeof(uint) * mask.Length);
        return mask;
    }
}
