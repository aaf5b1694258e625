using Splitwiser.Gpu.Phases;

namespace Splitwiser.Bench.Phases;

/// <summary>What to measure.</summary>
/// <param name="Modes">Empty for all that the device has.</param>
/// <param name="Slices">Serial: prompt tokens of a turn.</param>
/// <param name="Chunks">Chunked: prompt tokens of a mixed step.</param>
/// <param name="Targets">Adaptive, in milliseconds; empty for 1.5, 2 and 3 times the decode step alone. A point's bound is a further one.</param>
/// <param name="StepTokens">Most positions of a step.</param>
/// <param name="Handoffs">Prompts whose handoff is timed; 0 for none.</param>
/// <param name="Arrival">Tokens of the long prompt that arrives while sequences decode; 0 for none.</param>
internal sealed record PhasePlan(
    IReadOnlyList<PhasePoint> Points, IReadOnlyList<PhaseMode> Modes, IReadOnlyList<int> Slices, IReadOnlyList<int> Chunks, IReadOnlyList<double> Targets,
    PhaseTimes Times, int StepTokens, int Handoffs, int Arrival)
{
    private static readonly double[] DefaultTargets = [1.5, 2, 3];      // times the decode step alone

    /// <summary>Tokens that a decoding sequence may generate within a window.</summary>
    public const int Room = 8192;

    /// <exception cref="BenchException">A prompt is longer than the model can take.</exception>
    public int ModelLength(int positions)
    {
        var longest = Math.Max(Arrival + 2, Points.Max(point => Math.Max(point.Prompt + 8, point.Context + Room)));
        var needed = Math.Max(Arrival + 2, Points.Max(point => Math.Max(point.Prompt + 8, point.Context + 64)));
        return needed <= positions ? Math.Min(longest, positions) : throw new BenchException($"The points need {needed} positions, and the model has {positions}.");
    }

    /// <summary>The targets of the adaptive mode at a point, in milliseconds, rising.</summary>
    public IReadOnlyList<double> TargetsAt(PhasePoint point, double decodeAloneMs)
    {
        var targets = Targets.Count > 0 ? Targets : DefaultTargets.Select(factor => Math.Round(factor * decodeAloneMs, 2));
        return [.. (point.Bound is { } bound ? targets.Append(bound) : targets).Distinct().Order()];
    }
}
