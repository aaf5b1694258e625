using Splitwiser.Models.Sampling;

namespace Splitwiser.Gpu.Phases;

/// <summary>Log probabilities of the output tokens of one sequence that asked for them. One writer; readers stay below the count that the writer published.</summary>
internal sealed class LogprobBuffer(int topCount)
{
    private float[] sampled = new float[16];                        // (tokens)
    private TokenLogprob[] top = new TokenLogprob[16 * topCount];   // (tokens, topCount)
    private int[] tops = new int[16];                               // (tokens) how many of topCount there are
    private int count;

    public void Append(float logprob, ReadOnlySpan<TokenLogprob> mostLikely)
    {
        if (count == sampled.Length)
        {
            Array.Resize(ref sampled, 2 * count);
            Array.Resize(ref top, 2 * count * topCount);
            Array.Resize(ref tops, 2 * count);
        }

        sampled[count] = logprob;
        tops[count] = Math.Min(topCount, mostLikely.Length);
        mostLikely[..tops[count]].CopyTo(top.AsSpan(count * topCount));
        count++;
    }

    public float Sampled(int index) => sampled[index];

    public ReadOnlySpan<TokenLogprob> Top(int index) => top.AsSpan(index * topCount, tops[index]);
}
