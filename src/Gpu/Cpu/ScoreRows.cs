namespace Splitwiser.Gpu.Cpu;

/// <summary>Scores the tokens after the rows that probes want from their logits; a part has its own sampler and every so manyth row. Bound: memory, logits once.</summary>
internal readonly unsafe struct ScoreRows : IKernel
{
    public required Batch Batch { get; init; }

    /// <summary>(rows) which of the batch.</summary>
    public required int[] From { get; init; }

    /// <summary>(rows, vocabulary)</summary>
    public required float* Logits { get; init; }

    /// <summary>(parts at most)</summary>
    public required RowSampler[] Samplers { get; init; }

    public required int Rows { get; init; }
    public required int Vocabulary { get; init; }

    public int Parts => Math.Min(Samplers.Length, Rows);

    public void Part(int index)
    {
        for (var row = index; row < Rows; row += Parts)
        {
            var (sequence, position) = (Batch.Rows[From[row]].Sequence, Batch.Rows[From[row]].Position);
            if (sequence.Probe!.Scores(position))
                sequence.Probe.Score(position, new(Logits + (long)row * Vocabulary, Vocabulary), sequence.Tokens[position + 1], Samplers[index].Sampler);
        }
    }
}
