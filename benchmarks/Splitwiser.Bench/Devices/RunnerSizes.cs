namespace Splitwiser.Bench.Devices;

/// <summary>How large a runner is made.</summary>
/// <param name="ModelLength">Most tokens of a sequence.</param>
/// <param name="Sequences">Most sequences at a time, and most rows of a step.</param>
/// <param name="StepTokens">Most positions of a step.</param>
/// <param name="Pages">Pages of the pool.</param>
/// <param name="FillsGpu">A GPU's pool takes as many pages as fit instead.</param>
internal sealed record RunnerSizes(int ModelLength, int Sequences, int StepTokens, int Pages, bool FillsGpu = false);
