using System.Runtime.Intrinsics;

namespace Splitwiser.Models.Sampling;

/// <summary>Natural logarithms of the softmax of a row of logits: logit - log(sum of e^logit).</summary>
internal readonly ref struct Logprobs
{
    private readonly ReadOnlySpan<float> logits;    // (vocabulary padded to whole vectors) no NaN, no positive infinity
    private readonly float maximum;
    private readonly double logOfSum;               // of e^(logit - maximum)

    public Logprobs(ReadOnlySpan<float> logits)
    {
        this.logits = logits;
        var maxima = Vector512.Create(float.NegativeInfinity);
        for (var i = 0; i < logits.Length; i += Lanes.Width) maxima = Vector512.Max(maxima, Vector512.LoadUnsafe(in logits[i]));
        maximum = Math.Max(Lanes.Max(maxima), float.MinValue);

        var sum = 0.0;
        for (var i = 0; i < logits.Length; i += Lanes.Width)
            sum += Lanes.Sum(Lanes.Exp(Vector512.LoadUnsafe(in logits[i]) - Vector512.Create(maximum)));
        logOfSum = sum > 0 ? Math.Log(sum) : 0;                     // a row of nothing but -inf stays without NaN
    }

    /// <summary>Never infinite: the least number stands for a token that can't be.</summary>
    public float Of(float logit) => (float)Math.Max(float.MinValue, (double)logit - maximum - logOfSum);

    /// <summary>Fills <paramref name="top"/> with the most likely tokens, most likely first, ties by id.</summary>
    /// <returns>How many there are: those of no probability are left out.</returns>
    public int Top(Span<TokenLogprob> top)
    {
        if (top.IsEmpty) return 0;
        var (count, least) = (0, float.NegativeInfinity);           // least: the last place's logit once all places are taken
        for (var i = 0; i < logits.Length; i += Lanes.Width)
        {
            if (!Vector512.GreaterThanAny(Vector512.LoadUnsafe(in logits[i]), Vector512.Create(least))) continue;
            for (var token = i; token < i + Lanes.Width; token++)
            {
                if (!(logits[token] > least)) continue;
                if (count < top.Length) count++;
                Insert(top[..count], new TokenLogprob(token, logits[token]));
                if (count == top.Length) least = top[^1].Logprob;
            }
        }
        for (var i = 0; i < count; i++) top[i] = top[i] with { Logprob = Of(top[i].Logprob) };
        return count;
    }

    /// <summary>Puts the entry at its place among the sorted ones before the last place, which is free; equals stay ahead of it.</summary>
    private static void Insert(Span<TokenLogprob> sorted, TokenLogprob entry)
    {
        var place = sorted.Length - 1;
        for (; place > 0 && sorted[place - 1].Logprob < entry.Logprob; place--) sorted[place] = sorted[place - 1];
        sorted[place] = entry;
    }
}
