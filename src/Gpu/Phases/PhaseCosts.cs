namespace Splitwiser.Gpu.Phases;

/// <summary>What steps of the present size cost, as far as it is known: what <see cref="PhasePolicy"/> decides by.</summary>
/// <param name="DecodeStep">Seconds of a decode step that has the device for itself; null before the first.</param>
/// <param name="PrefillToken">Seconds per prompt token of a step that has the device for itself; null before the first.</param>
/// <param name="MixedToken">Seconds that a prompt token adds to a mixed step.</param>
/// <param name="Beside">How many times longer each phase takes beside the other, for each mechanism in the order of the choice; read where both lanes run at once.</param>
internal readonly record struct PhaseCosts(double? DecodeStep, double? PrefillToken, double MixedToken, ReadOnlyMemory<Slowdown> Beside);

/// <summary>How many times longer a phase's step takes beside the other phase's.</summary>
internal readonly record struct Slowdown(double Decode, double Prefill);
