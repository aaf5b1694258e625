using System.Collections.Immutable;

namespace Splitwiser.Models.Grammar;

/// <summary>
/// Where one sequence's output stands in its grammar, and the tokens that may follow. For one user at a time: while <see cref="Prepare"/>
/// runs nobody else may touch it.
/// </summary>
public sealed class GrammarCursor
{
    private readonly TokenGrammar grammar;
    private readonly ImmutableArray<int> endTokenIds;
    private readonly uint[] allowed;    // (words of the vocabulary)
    private GrammarState state;

    internal GrammarCursor(TokenGrammar grammar, ImmutableArray<int> endTokenIds)
    {
        this.grammar = grammar;
        this.endTokenIds = [.. endTokenIds.Where(id => (uint)id < (uint)grammar.Table.VocabularySize)];
        allowed = new uint[grammar.Table.MaskWords];
        state = grammar.Automaton.Start;
    }

    internal GrammarState State => state;

    /// <summary>The output is whole: an end token fits.</summary>
    public bool MayEnd => state.MayEnd;

    /// <summary><see cref="Allowed"/> is that of the output so far.</summary>
    public bool IsReady { get; private set; }

    /// <summary>No token fits, and the output is not whole: the vocabulary lacks what the grammar asks for.</summary>
    public bool IsStuck { get; private set; }

    /// <summary>(words of the vocabulary) bit i of word w is token 32 w + i. Good once it is ready, until the next token.</summary>
    public ReadOnlyMemory<uint> Allowed => allowed;

    /// <summary>Goes on by a token.</summary>
    /// <returns>False when it does not fit; then nothing has changed.</returns>
    public bool TryAccept(int token)
    {
        if (endTokenIds.Contains(token)) return state.MayEnd;
        var text = grammar.Table.TextOf(token);
        var next = state;
        if (text.IsEmpty) next = grammar.Automaton.NextToken(state, token);
        foreach (var value in text)
            if (!ReferenceEquals(next, GrammarState.Dead)) next = grammar.Automaton.Next(next, value);
        if (ReferenceEquals(next, GrammarState.Dead)) return false;
        (state, IsReady, IsStuck) = (next, false, false);
        if (next.Mask is not null) Prepare();
        return true;
    }

    /// <summary>Works out which tokens may follow: at once where this state was seen before, otherwise in up to a few milliseconds.</summary>
    public void Prepare()
    {
        if (IsReady) return;
        grammar.MaskOf(state).CopyTo(allowed, 0);
        foreach (var end in endTokenIds)
        {
            if (state.MayEnd) allowed[end >> 5] |= 1u << end;
            else allowed[end >> 5] &= ~(1u << end);
        }
        IsStuck = allowed.AsSpan().IndexOfAnyExcept(0u) < 0;
        IsReady = true;
    }
}
