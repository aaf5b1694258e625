using System.Runtime.Intrinsics;

namespace Splitwiser.Models.Sampling;

/// <summary>
/// Top-k, top-p and min-p: each keeps a beginning of the tokens in order of weight (ties by id), so all three are one cut through that
/// order. The order is never built: a histogram over the weights' leading bits finds the bin that holds the cut, and only that is sorted.
/// </summary>
internal sealed class Truncation(int vocabularySize)
{
    private const int Shift = 19;                                   // bins keep the exponent and 4 bits of the mantissa
    private const int BinCount = (0x3F800000 >> Shift) + 1;         // weights are in 0 .. 1

    private readonly int[] counts = new int[BinCount];
    private readonly double[] masses = new double[BinCount];
    private readonly ulong[] keys = new ulong[vocabularySize];      // one bin's

    /// <summary>Sets the weights of all tokens that are not kept to 0. The largest weight is 1 and always kept.</summary>
    public void Apply(Span<float> weights, SamplingParams p)
    {
        var cut = 0UL;                                              // tokens with a key of at least this are kept
        var limitsCount = p.TopK is > 0 && p.TopK < vocabularySize;
        if (limitsCount || p.TopP < 1)
        {
            var mass = Tally(weights);
            if (limitsCount) cut = CutAtCount(weights, p.TopK!.Value, ref mass);
            if (p.TopP < 1) cut = Math.Max(cut, CutAtMass(weights, p.TopP * mass));
        }
        if (p.MinP > 0) cut = Math.Max(cut, Key(Math.Min(p.MinP, 1), int.MaxValue));
        if (cut > 0) Drop(weights, cut);
    }

    /// <summary>Sorts by weight first, then lower ids above higher ones.</summary>
    private static ulong Key(float weight, int token) => (ulong)BitConverter.SingleToUInt32Bits(weight) << 32 | (uint)(int.MaxValue - token);

    private static float WeightOf(ulong key) => BitConverter.UInt32BitsToSingle((uint)(key >> 32));

    private static int BinOf(float weight) => (int)(BitConverter.SingleToUInt32Bits(weight) >> Shift);

    /// <returns>The mass of all.</returns>
    private double Tally(ReadOnlySpan<float> weights)
    {
        Array.Clear(counts);
        Array.Clear(masses);
        foreach (var weight in weights)
        {
            if (weight == 0) continue;
            var bin = BinOf(weight);
            counts[bin]++;
            masses[bin] += weight;
        }
        var total = 0.0;
        for (var bin = BinCount - 1; bin >= 0; bin--) total += masses[bin];
        return total;
    }

    /// <summary>The key of the k-th token; <paramref name="mass"/> becomes the mass of the first k. 0 when there are no more than k.</summary>
    private ulong CutAtCount(ReadOnlySpan<float> weights, int k, ref double mass)
    {
        var (above, aboveMass) = (0, 0.0);
        for (var bin = BinCount - 1; bin >= 0; bin--)
        {
            if (above + counts[bin] >= k)
            {
                var sorted = SortedBin(weights, bin);
                mass = aboveMass;
                for (var i = 0; i < k - above; i++) mass += WeightOf(sorted[^(i + 1)]);
                return sorted[^(k - above)];
            }
            above += counts[bin];
            aboveMass += masses[bin];
        }
        return 0;
    }

    /// <summary>The key of the token at which the sum reaches <paramref name="target"/>.</summary>
    private ulong CutAtMass(ReadOnlySpan<float> weights, double target)
    {
        var sum = 0.0;
        for (var bin = BinCount - 1; bin >= 0; bin--)
        {
            if (counts[bin] > 0 && sum + masses[bin] >= target)
            {
                var sorted = SortedBin(weights, bin);
                for (var i = sorted.Length - 1; i > 0; i--)
                    if ((sum += WeightOf(sorted[i])) >= target) return sorted[i];
                return sorted[0];
            }
            sum += masses[bin];
        }
        return 0;
    }

    private ReadOnlySpan<ulong> SortedBin(ReadOnlySpan<float> weights, int bin)
    {
        var count = 0;
        for (var token = 0; token < vocabularySize; token++)
            if (weights[token] != 0 && BinOf(weights[token]) == bin) keys[count++] = Key(weights[token], token);
        var sorted = keys.AsSpan(0, count);
        sorted.Sort();
        return sorted;
    }

    private static void Drop(Span<float> weights, ulong cut)
    {
        var least = Vector512.Create(WeightOf(cut));
        var lastTied = Vector512.Create(int.MaxValue - (int)(uint)cut);
        var tokens = Vector512<int>.Indices;
        for (var i = 0; i < weights.Length; i += Lanes.Width, tokens += Vector512.Create(Lanes.Width))
        {
            var weight = Vector512.LoadUnsafe(ref weights[i]);
            var tied = Vector512.Equals(weight, least) & Vector512.LessThanOrEqual(tokens, lastTied).AsSingle();
            var kept = Vector512.GreaterThan(weight, least) | tied;
            Vector512.ConditionalSelect(kept, weight, Vector512<float>.Zero).StoreUnsafe(ref weights[i]);
        }
    }
}
