namespace Splitwiser.Bench.Devices;

/// <summary>Several devices of one model.</summary>
/// <param name="Model">Model folder.</param>
/// <param name="Numbers">Of the GPUs; on the CPU only how many there are counts.</param>
/// <param name="Threads">CPU: of each device.</param>
/// <param name="Pages">Of each device; null for what a GPU holds, on the CPU for as many sequences of the full length as run at once.</param>
/// <param name="MaxSequences">Most sequences of a device at a time.</param>
/// <param name="ModelLength">Most tokens of a sequence; null for the model's own limit.</param>
internal sealed record FleetPlan(string Model, bool RandomWeights, bool Cuda, IReadOnlyList<int> Numbers, int Threads, int? Pages, int MaxSequences, int? ModelLength)
{
    /// <summary>Most positions of a step.</summary>
    public int StepTokens => Math.Max(MaxSequences, Cuda ? 8192 : 512);
}
