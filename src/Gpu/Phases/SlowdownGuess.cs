namespace Splitwiser.Gpu.Phases;

/// <summary>
/// How much the phases slow each other down where it was not measured yet. Fitted by eye to one H100 (docs/design/0009-phase-split.md):
/// prefill is bound by its multiprocessors and runs at nearly its share of them; decode is bound by memory, which few multiprocessors
/// nearly fill, and loses more and more below a third.
/// </summary>
internal static class SlowdownGuess
{
    private const double PrefillOverhead = 1.04;
    private const double DecodeExcess = 0.11, DecodePower = 1.7;

    /// <summary>Both lanes at once on all multiprocessors: better than it turns out, so that it is tried where it could be of use.</summary>
    public static readonly Slowdown Streams = new(2.5, 1.25);

    public static Slowdown Of(Mechanism mechanism) => mechanism.Split is { } split ? Of(split) : Streams;

    private static Slowdown Of(SmSplit split)
    {
        double processors = split.Decode + split.Prefill;
        return new Slowdown(1 + DecodeExcess * Math.Pow(processors / split.Decode, DecodePower), PrefillOverhead * processors / split.Prefill);
    }
}
