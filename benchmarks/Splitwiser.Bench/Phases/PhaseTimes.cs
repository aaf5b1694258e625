namespace Splitwiser.Bench.Phases;

/// <summary>How long is measured.</summary>
/// <param name="Warm">Before each window.</param>
/// <param name="Window">At least; a window also lasts as long as ten prompts alone.</param>
/// <param name="Repetitions">Of everything, the settings in turn.</param>
internal sealed record PhaseTimes(TimeSpan Warm, TimeSpan Window, int Repetitions);
