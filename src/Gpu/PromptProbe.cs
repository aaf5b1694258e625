using Splitwiser.Models.Sampling;

namespace Splitwiser.Gpu;

/// <summary>
/// What a prompt's own positions show, beside the token that follows them: how likely its tokens were, or a vector of its hidden
/// states. A runner that can (<see cref="RunnerInfo.Probes"/>) fills it while it prefills; complete at the handoff, and read only then.
/// Steps of a sequence follow each other, so one thread writes at a time; positions come in order, and again after a preemption.
/// </summary>
public sealed class PromptProbe
{
    private readonly int length;
    private readonly TokenLogprob[] logprobs;       // (length - 1) entry i is of position i + 1
    private readonly TokenLogprob[] top;            // (length - 1, top logprobs) most likely first
    private readonly int[] topCounts;               // (length - 1)
    private readonly double[] sum;                  // (hidden)
    private int next;                               // position that has not been seen

    /// <param name="prompt">Tokens of the prompt.</param>
    /// <param name="hiddenSize">Of the model.</param>
    /// <param name="pooling">How its hidden states become one vector; null for none.</param>
    /// <param name="topLogprobs">Most likely tokens to keep at each position, 0 for the prompt's own alone; null for no logprobs.</param>
    public PromptProbe(int prompt, int hiddenSize, Pooling? pooling, int? topLogprobs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(prompt, 1);
        (length, HiddenSize, Pooling, TopLogprobs) = (prompt, hiddenSize, pooling, topLogprobs);
        var scored = topLogprobs is null ? 0 : prompt - 1;
        logprobs = new TokenLogprob[scored];
        top = new TokenLogprob[scored * (topLogprobs ?? 0)];
        topCounts = new int[scored];
        sum = new double[pooling is null ? 0 : hiddenSize];
    }

    /// <summary>Tokens of the prompt.</summary>
    public int Length => length;

    /// <summary>Of the model.</summary>
    public int HiddenSize { get; }

    public Pooling? Pooling { get; }

    public int? TopLogprobs { get; }

    /// <summary>The prompt must be computed from its beginning, whatever the prefix cache holds.</summary>
    public bool NeedsEveryPosition => TopLogprobs is not null || Pooling == Gpu.Pooling.Mean;

    public bool IsComplete => next >= length;

    /// <summary>(length - 1) the prompt's tokens from the second on, with their logprobs; empty when not asked for.</summary>
    public ReadOnlySpan<TokenLogprob> Logprobs => logprobs;

    /// <summary>The most likely tokens at the place of <c>Logprobs[index]</c>, most likely first.</summary>
    public ReadOnlySpan<TokenLogprob> TopOf(int index) => top.AsSpan(index * (TopLogprobs ?? 0), topCounts[index]);

    /// <summary>(hidden) the last layer's hidden states behind the final norm: their mean, or the last one's; empty when not asked for.</summary>
    public float[] Pooled()
    {
        var count = Pooling == Gpu.Pooling.Mean ? length : 1;
        return Array.ConvertAll(sum, value => (float)(value / count));
    }

    /// <summary>Whether a runner must show this position.</summary>
    public bool Wants(int position) => position >= next && position < length && (NeedsEveryPosition || position == length - 1);

    /// <summary>The wanted ones of consecutive positions: they are consecutive, too.</summary>
    internal (int First, int End) WantedOf(int offset, int count) => (Math.Max(offset, NeedsEveryPosition ? next : Math.Max(next, length - 1)), Math.Min(offset + count, length));

    /// <summary>Takes a position that is wanted.</summary>
    /// <param name="hidden">(hidden) behind the final norm.</param>
    public void See(int position, ReadOnlySpan<float> hidden)
    {
        next = position + 1;
        if (Pooling is null || (Pooling == Gpu.Pooling.Last && position < length - 1)) return;
        for (var i = 0; i < sum.Length; i++) sum[i] += hidden[i];
    }

    /// <summary>Takes all wanted positions before this one.</summary>
    /// <param name="hidden">(hidden) the sum of theirs that are pooled, behind the final norm; empty for none.</param>
    internal void SeeAll(int end, ReadOnlySpan<double> hidden)
    {
        next = end;
        for (var i = 0; i < hidden.Length; i++) sum[i] += hidden[i];
    }

    /// <summary>Takes the score of the token after a position that is wanted.</summary>
    internal void Take(int position, TokenLogprob scored, ReadOnlySpan<TokenLogprob> likeliest)
    {
        logprobs[position] = scored;
        likeliest.CopyTo(top.AsSpan(position * TopLogprobs!.Value, TopLogprobs.Value));
        topCounts[position] = likeliest.Length;
    }

    /// <summary>Scores the token after a position that is wanted. Positions may be scored side by side.</summary>
    /// <param name="logits">(vocabulary) of the position.</param>
    /// <param name="token">The prompt's token at the next one.</param>
    public void Score(int position, ReadOnlySpan<float> logits, int token, Sampler sampler)
    {
        var places = top.AsSpan(position * TopLogprobs!.Value, TopLogprobs.Value);
        logprobs[position] = sampler.Score(logits, token, places, out topCounts[position]);
    }

    /// <summary>Whether the token after a position is to be scored.</summary>
    public bool Scores(int position) => TopLogprobs is not null && position < length - 1;
}

/// <summary>How the hidden states of a prompt become one vector.</summary>
public enum Pooling
{
    /// <summary>Their mean over all positions.</summary>
    Mean,

    /// <summary>The last position's.</summary>
    Last,
}
