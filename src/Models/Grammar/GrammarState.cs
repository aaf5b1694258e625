namespace Splitwiser.Models.Grammar;

/// <summary>Everything that the output so far can be read as. Immutable but for what is learnt of it: where each byte leads, and which tokens fit.</summary>
internal sealed class GrammarState(Reading[] readings, ExpectedToken[] tokens, bool mayEnd, int steps = 0)
{
    private GrammarState?[]? next;  // (256) null for not known yet

    /// <summary>No output goes this way.</summary>
    public static GrammarState Dead { get; } = new([], [], false);

    public Reading[] Readings { get; } = readings;

    /// <summary>Special tokens that fit here.</summary>
    public ExpectedToken[] Tokens { get; } = tokens;

    /// <summary>The output is whole.</summary>
    public bool MayEnd { get; } = mayEnd;

    /// <summary>(words of the vocabulary) bit i of word w is token 32 w + i; null for not known yet. Written once.</summary>
    public uint[]? Mask { get; set; }

    /// <summary>What following a byte from here costs, in readings.</summary>
    public int Effort { get; } = Math.Max(readings.Length, steps);

    /// <summary>Null where nobody has been yet.</summary>
    public GrammarState? Known(byte value) => Volatile.Read(ref next)?[value];

    /// <summary>Notes where a byte leads. Under the automaton's lock.</summary>
    /// <returns>Whether room had to be made.</returns>
    public bool Learn(byte value, GrammarState to)
    {
        var grows = next is null;
        if (grows) Volatile.Write(ref next, new GrammarState?[256]);
        Volatile.Write(ref next![value], to);
        return grows;
    }
}
