namespace Splitwiser.Models.Grammar;

/// <summary>A terminal: bytes in, a state out. States count from 0, the start; from every state an end can be reached.</summary>
internal abstract class ByteMatcher
{
    public const int Dead = -1;

    private static int made;

    /// <summary>Of its own, counted up: an order in which readings are kept.</summary>
    public int Number { get; } = Interlocked.Increment(ref made);

    /// <summary>Rough size in memory.</summary>
    public abstract long Bytes { get; }

    /// <returns><see cref="Dead"/> where no match goes on with this byte.</returns>
    public abstract int Next(int state, byte value);

    public abstract bool Accepts(int state);

    /// <summary>Some byte leads on from here.</summary>
    public abstract bool GoesOn(int state);

    /// <summary>Whether the whole of it matches.</summary>
    public bool IsMatch(ReadOnlySpan<byte> text)
    {
        var state = 0;
        foreach (var value in text)
            if ((state = Next(state, value)) == Dead) return false;
        return Accepts(state);
    }
}
