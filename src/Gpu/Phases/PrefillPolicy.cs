namespace Splitwiser.Gpu.Phases;

/// <summary>
/// Which prompt is computed next: sequences that were under way first, here or on a device that was lost, oldest first; then by priority; among equals the shortest prompt, with
/// ageing measured in work instead of time. A prompt's key is its length plus the work that the device had done when it arrived, so one of n tokens is
/// overtaken only by prompts that arrive before n more tokens are computed: a flood of short prompts can't starve it.
/// </summary>
internal static class PrefillPolicy
{
    /// <param name="uncached">Tokens to compute, at least one.</param>
    /// <param name="workAtArrival">Prompt tokens that the device had computed when it arrived.</param>
    /// <param name="number">Counts up with arrivals.</param>
    /// <param name="priority">The lowest goes first.</param>
    public static PrefillRank Fresh(int uncached, long workAtArrival, long number, int priority = 0) => new(false, priority, uncached + workAtArrival, number);

    /// <summary>The rank of a sequence that lost its pages: somebody is reading its output.</summary>
    public static PrefillRank UnderWay(long number) => new(true, 0, number, number);

    /// <summary>Positions of the next step that one prompt gets.</summary>
    public static int Chunk(int remaining, int budget) => Math.Min(remaining, budget);
}

/// <summary>A place in the order of prefill: the smallest goes first.</summary>
internal readonly record struct PrefillRank(bool UnderWay, int Priority, long Key, long Number) : IComparable<PrefillRank>
{
    public int CompareTo(PrefillRank other) =>
        UnderWay != other.UnderWay ? other.UnderWay.CompareTo(UnderWay)
        : Priority != other.Priority ? Priority.CompareTo(other.Priority)
        : Key != other.Key ? Key.CompareTo(other.Key)
        : Number.CompareTo(other.Number);
}
