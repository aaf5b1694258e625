namespace Splitwiser.Bench.Phases;

/// <summary>Both phases together in one way, beside each alone in the same run.</summary>
/// <param name="PrefillShare">Prefill's rate as a share of its rate alone.</param>
/// <param name="DecodeShare">The decode step alone as a share of the median one here.</param>
internal sealed record PhaseResult(
    string Mode, string Setting, double PrefillTokensPerSecond, double StepP50Ms, double StepP99Ms, double WorstStepMs, double PrefillShare, double DecodeShare, int DecodeSteps, int PrefillSteps)
{
    /// <summary>1 is what taking turns gives.</summary>
    public double Sum => PrefillShare + DecodeShare;

    public string Name => $"{Mode} {Setting}".TrimEnd();

    /// <param name="samples">Of this way, one for each repetition.</param>
    /// <param name="prefillAlone">Of the same repetitions: the device drifts, and both drift with it.</param>
    public static PhaseResult Of(Sharing sharing, IReadOnlyList<PhaseSample> samples, IReadOnlyList<PhaseSample> prefillAlone, IReadOnlyList<PhaseSample> decodeAlone)
    {
        var median = PhaseSample.MedianOf(samples);
        return new PhaseResult(
            sharing.Mode.ToString(), sharing.Setting, median.PrefillRate, median.StepP50 * 1e3, median.StepP99 * 1e3, median.Worst * 1e3,
            Median.Of(samples.Zip(prefillAlone, (here, alone) => here.PrefillRate / alone.PrefillRate)),
            Median.Of(samples.Zip(decodeAlone, (here, alone) => alone.StepP50 / here.StepP50)), median.DecodeSteps, median.PrefillSteps);
    }
}
