using Splitwiser.Gpu.Phases;

namespace Splitwiser.Bench.Paper;

/// <summary>The workload of arXiv 2505.03763, or a smaller one of its form.</summary>
/// <param name="Requests">Prompts, all there at the start.</param>
/// <param name="Outputs">Tokens out, one series after the other.</param>
/// <param name="PaperBatch">Prompts that the paper's pipeline runs at a time.</param>
/// <param name="Batches">Most sequences at a time that the tuned sequential run tries.</param>
/// <param name="StepTokens">Most positions of a step.</param>
/// <param name="Modes">Of the split; empty for all that the device has but turns.</param>
internal sealed record PaperPlan(int Requests, int Prompt, IReadOnlyList<int> Outputs, int PaperBatch, IReadOnlyList<int> Batches, int StepTokens, IReadOnlyList<PhaseMode> Modes, int Runs, double ItlTargetMs)
{
    public int ModelLength => Prompt + Outputs.Max();

    /// <summary>Positions of the largest step: the paper's whole batch is one.</summary>
    public int LargestStep => Math.Max(StepTokens, PaperBatch * Prompt);

    public int MostSequences => Math.Max(PaperBatch, Batches.Max());
}
