using Splitwiser.Models.Sampling;

namespace Splitwiser.Gpu.Cpu;

/// <summary>Samples every sampling row of a batch from its logits; a part has its own sampler and every so manyth row. Bound: memory, logits once.</summary>
internal readonly struct SampleRows : IKernel
{
    public required Batch Batch { get; init; }

    /// <summary>(parts at most)</summary>
    public required RowSampler[] Samplers { get; init; }

    public required CpuStepResult Result { get; init; }

    public int Parts => Math.Min(Samplers.Length, Batch.SamplingCount);

    public void Part(int index)
    {
        for (var row = index; row < Batch.SamplingCount; row += Parts) Samplers[index].Sample(Result, row, Batch.Rows[Batch.Sampling[row]]);
    }
}

/// <summary>A sampler and room for a sequence whose last token the host has not seen yet.</summary>
internal sealed class RowSampler(int vocabularySize)
{
    private int[] tokens = [];

    public Sampler Sampler { get; } = new(vocabularySize);

    public void Sample(CpuStepResult result, int row, in BatchRow input)
    {
        var (sequence, count) = (input.Sequence, input.Position + 1);
        result.Sample(row, Sampler, sequence.Sampling, count <= sequence.TokenCount ? sequence.Tokens[..count] : WithLast(sequence, input.Token), sequence.OutputStart, sequence.Allowed.Span);
    }

    private ReadOnlySpan<int> WithLast(Sequence sequence, int last)
    {
        if (tokens.Length <= sequence.TokenCount) tokens = new int[sequence.Capacity + Sequence.Lookahead];
        sequence.Tokens.CopyTo(tokens);
        tokens[sequence.TokenCount] = last;
        return tokens.AsSpan(0, sequence.TokenCount + 1);
    }
}
