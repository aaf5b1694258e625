namespace Splitwiser.Bench.Paper;

/// <summary>
/// The least time that two phases take side by side, from what each takes with the device for itself: prefill is bound by arithmetic, decode by
/// memory, so at best the shorter one is hidden behind the longer.
/// </summary>
/// <param name="Seconds">max(prefill alone, decode alone).</param>
/// <param name="SharedSeconds">The same when the phases share what bounds them: prefill's time and decode's operations at prefill's rate, or decode's time and prefill's bytes at decode's rate, whichever is longer.</param>
internal sealed record OverlapLimit(double PrefillSeconds, double DecodeSeconds, double Seconds, double SharedSeconds)
{
    public static OverlapLimit Of(PhaseWork prefill, PhaseWork decode)
    {
        if (prefill is not { Seconds: > 0, Operations: > 0 } || decode is not { Seconds: > 0, Bytes: > 0 }) throw new ArgumentException("Both phases must have had steps of their own.");
        var arithmetic = prefill.Seconds + decode.Operations / (prefill.Operations / prefill.Seconds);
        var memory = decode.Seconds + prefill.Bytes / (decode.Bytes / decode.Seconds);
        return new OverlapLimit(prefill.Seconds, decode.Seconds, Math.Max(prefill.Seconds, decode.Seconds), Math.Max(arithmetic, memory));
    }

    /// <summary>What part of the limit's gain over taking turns a run has: 0 for none, 1 at the limit.</summary>
    /// <param name="turns">Seconds of the best run that takes turns.</param>
    /// <param name="seconds">Seconds of the run.</param>
    /// <param name="limit">Either of the limits.</param>
    public static double ShareOfGain(double turns, double seconds, double limit) => (turns / seconds - 1) / (turns / limit - 1);
}
