namespace Splitwiser.Gpu.Phases;

/// <summary>
/// Which prompt is computed next: preempted sequences first, oldest first; then the shortest prompt, with ageing measured in work
/// instead of time. A prompt's key is its length plus the work that the device had done when it arrived, so one of n tokens is
/// overtaken only by prompts that arrive before n more tokens are computed: a flood of short prompts can't starve it.
/// </summary>
internal static class PrefillPolicy
{
    /// <param name="uncached">Tokens to compute, at least one.</param>
    /// <param name="workAtArrival">Prompt tokens that the device had computed when it arrived.</param>
    /// <param name="number">Counts up with arrivals.</param>
    public static PrefillRank Fresh(int uncached, long workAtArrival, long number) => new(false, uncached + workAtArrival, number);

    /// <summary>The rank of a sequence that lost its pages.</summary>
    public static PrefillRank Preempted(long number) => new(true, number, number);

    /// <summary>Positions of the next step that one prompt gets.</summary>
    public static int Chunk(int remaining, int budget) => Math.Min(remaining, budget);
}

/// <summary>A place in the order of prefill: the smallest goes first.</summary>
internal readonly record struct PrefillRank(bool Resumed, long Key, long Number) : IComparable<PrefillRank>
{
    public int CompareTo(PrefillRank other) =>
        Resumed != other.Resumed ? other.Resumed.CompareTo(Resumed)
        : Key != other.Key ? Key.CompareTo(other.Key)
        : Number.CompareTo(other.Number);
}
