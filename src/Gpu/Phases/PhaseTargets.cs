namespace Splitwiser.Gpu.Phases;

/// <summary>What the adaptive mode keeps to where it can, in seconds.</summary>
/// <param name="TokenGap">Between two tokens of a sequence.</param>
/// <param name="Backlog">That the last prompt in the queue waits for; more is a backlog.</param>
internal readonly record struct PhaseTargets(double TokenGap, double Backlog);
