namespace Splitwiser.Gpu.Phases;

/// <summary>
/// How much the phases slow each other down where it was not measured yet. Fitted by eye to one H100 (docs/design/0009-phase-split.md):
/// prefill is bound by its multiprocessors and a little by the power that the other takes; decode is bound by memory, which few
/// multiprocessors nearly fill.
/// </summary>
internal static class SlowdownGuess
{
    private const double PrefillContention = 0.88;
    private const double DecodeByShare = 0.19;

    /// <summary>Both lanes at once on all multiprocessors: better than it turns out, so that it is tried where it could be of use.</summary>
    public static readonly Slowdown Streams = new(1.5, 1.25);

    public static Slowdown Of(Mechanism mechanism) => mechanism.Split is { } split ? Of(split) : Streams;

    private static Slowdown Of(SmSplit split)
    {
        double processors = split.Decode + split.Prefill;
        return new Slowdown(1 + DecodeByShare * processors / split.Decode, processors / split.Prefill / PrefillContention);
    }
}
