using Splitwiser.Models.Sampling;

namespace Splitwiser.Gpu.Cpu;

/// <summary>What a completed step sampled. Filled anew by the lane's next step.</summary>
internal sealed unsafe class CpuStepResult : StepResult
{
    private readonly int vocabularySize;
    private readonly float* logits;                 // (rows, vocabulary)
    private readonly TokenLogprob[] sampled;        // (max rows)
    private readonly TokenLogprob[]?[] top;         // (max rows) grown when a row first asks for more
    private readonly int[] topCounts;               // (max rows)
    private int rows;
    private bool keepsLogits;
    private TimeSpan duration;

    public CpuStepResult(int maxRows, int vocabularySize, float* logits)
    {
        this.vocabularySize = vocabularySize;
        this.logits = logits;
        sampled = new TokenLogprob[maxRows];
        top = new TokenLogprob[maxRows][];
        topCounts = new int[maxRows];
    }

    public override bool IsCompleted => true;
    public override ReadOnlySpan<TokenLogprob> Sampled => sampled.AsSpan(0, rows);
    public override TimeSpan Duration => duration;

    public override void Wait()
    {
    }

    public override ReadOnlySpan<TokenLogprob> TopLogprobs(int row)
    {
        Check(row);
        return top[row].AsSpan(0, topCounts[row]);
    }

    public override ReadOnlySpan<float> Logits(int row)
    {
        Check(row);
        if (!keepsLogits) throw new InvalidOperationException("The plan did not ask for logits: set KeepLogits.");
        return LogitsOf(row);
    }

    internal int TokenOf(int row) => sampled[row].TokenId;

    internal ReadOnlySpan<float> LogitsOf(int row) => new(logits + (long)row * vocabularySize, vocabularySize);

    /// <summary>Samples one row; rows may be sampled side by side, each with its own sampler.</summary>
    internal void Sample(int row, Sampler sampler, SamplingParams sampling, ReadOnlySpan<int> tokens, int outputStart, ReadOnlySpan<uint> allowed)
    {
        var wanted = sampling.TopLogprobs ?? 0;
        if (wanted > (top[row]?.Length ?? 0)) top[row] = new TokenLogprob[wanted];
        sampled[row] = sampler.Sample(LogitsOf(row), sampling, tokens, outputStart, top[row], out topCounts[row], allowed);
    }

    internal void Complete(int rows, bool keepsLogits, TimeSpan duration)
    {
        this.rows = rows;
        this.keepsLogits = keepsLogits;
        this.duration = duration;
    }

    private void Check(int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, rows);
    }
}
