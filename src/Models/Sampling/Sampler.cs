using System.Runtime.Intrinsics;

namespace Splitwiser.Models.Sampling;

/// <summary>
/// Chooses the next token of a row of logits, in the order that <see cref="SamplingParams"/> tells. The bits depend on nothing
/// but the logits, the parameters, the sequence's tokens and the position. Holds the scratch of one row: one per thread.
/// A NaN logit counts as minus infinity. Ties go to the lowest id.
/// </summary>
/// <param name="vocabularySize">Logits of a row.</param>
public sealed class Sampler(int vocabularySize)
{
    private const float GreedyBelow = 1e-5f;    // a temperature under it would overflow; vLLM draws the line here too
    private const int BlockSize = 256;

    private readonly float[] row = new float[Lanes.Padded(vocabularySize)];     // logits, then weights; what pads it is never chosen
    private readonly LogitEdits edits = new(vocabularySize);
    private readonly Truncation truncation = new(vocabularySize);

    /// <summary>Samples the token that follows <paramref name="tokens"/>; its position is their count. Allocates nothing.</summary>
    /// <param name="logits">(vocabulary) as the model gave them.</param>
    /// <param name="tokens">Prompt and output so far.</param>
    /// <param name="outputStart">Index of the first output token in <paramref name="tokens"/>.</param>
    /// <param name="top">Takes the most likely tokens, most likely first; room for the parameters' TopLogprobs.</param>
    /// <param name="topCount">How many were written there.</param>
    /// <param name="allowed">(words of the vocabulary) the tokens that may come: bit i of word w is token 32 w + i; empty for all.</param>
    /// <returns>The token; its logprob is 0 when no logprobs were asked for.</returns>
    /// <remarks>
    /// When mask and biases leave no candidate, the lowest id that they do not forbid is taken; when they forbid all, the lowest allowed one, or
    /// the most likely token of the logits as the model gave them where all are allowed.
    /// </remarks>
    public TokenLogprob Sample(
        ReadOnlySpan<float> logits, SamplingParams p, ReadOnlySpan<int> tokens, int outputStart, Span<TokenLogprob> top, out int topCount, ReadOnlySpan<uint> allowed = default)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(logits.Length, vocabularySize);
        Clean(logits);
        if (p.TopLogprobs is not { } wanted)
        {
            topCount = 0;
            return new TokenLogprob(Choose(logits, p, tokens, outputStart, allowed), 0);
        }

        var logprobs = new Logprobs(row);
        topCount = logprobs.Top(top[..Math.Min(wanted, Math.Min(top.Length, vocabularySize))]);
        var token = Choose(logits, p, tokens, outputStart, allowed);
        return new TokenLogprob(token, logprobs.Of(Clean(logits[token])));
    }

    /// <summary>How likely a token is, by the logits alone. Allocates nothing.</summary>
    /// <param name="logits">(vocabulary) as the model gave them.</param>
    /// <param name="top">Filled with the most likely tokens, most likely first.</param>
    /// <param name="topCount">How many were written there.</param>
    public TokenLogprob Score(ReadOnlySpan<float> logits, int token, Span<TokenLogprob> top, out int topCount)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(logits.Length, vocabularySize);
        Clean(logits);
        var logprobs = new Logprobs(row);
        topCount = logprobs.Top(top[..Math.Min(top.Length, vocabularySize)]);
        return new TokenLogprob(token, logprobs.Of(row[token]));
    }

    private int Choose(ReadOnlySpan<float> logits, SamplingParams p, ReadOnlySpan<int> tokens, int outputStart, ReadOnlySpan<uint> allowed)
    {
        edits.Apply(row, p, tokens, outputStart);
        TokenMask.Apply(row.AsSpan(0, vocabularySize), allowed);
        var (best, maximum) = Largest();
        if (float.IsNegativeInfinity(maximum)) return edits.LowestAllowed(p, tokens, outputStart, allowed) ?? TokenMask.Lowest(allowed) ?? LargestOf(logits);
        if (!(p.Temperature >= GreedyBelow)) return best;

        Weigh(maximum, p.Temperature);
        truncation.Apply(row, p);
        return Draw(Philox.Uniform(p.Seed, tokens.Length), best);
    }

    private static float Clean(float logit) => float.IsNaN(logit) ? float.NegativeInfinity : MathF.Min(logit, float.MaxValue);

    /// <summary>Copies the logits to the row: NaN becomes minus infinity, infinity the largest number.</summary>
    private void Clean(ReadOnlySpan<float> logits)
    {
        logits.CopyTo(row);
        row.AsSpan(vocabularySize).Fill(float.NegativeInfinity);
        for (var i = 0; i < row.Length; i += Lanes.Width)
        {
            var x = Vector512.LoadUnsafe(ref row[i]);
            var number = Vector512.ConditionalSelect(Vector512.Equals(x, x), x, Vector512.Create(float.NegativeInfinity));
            Vector512.Min(number, Vector512.Create(float.MaxValue)).StoreUnsafe(ref row[i]);
        }
    }

    /// <summary>The largest of the row and the lowest id that has it.</summary>
    private (int Id, float Value) Largest()
    {
        var maxima = Vector512.Create(float.NegativeInfinity);
        for (var i = 0; i < row.Length; i += Lanes.Width) maxima = Vector512.Max(maxima, Vector512.LoadUnsafe(ref row[i]));
        var maximum = Lanes.Max(maxima);
        for (var i = 0; ; i += Lanes.Width)
        {
            var equal = Vector512.Equals(Vector512.LoadUnsafe(ref row[i]), Vector512.Create(maximum)).ExtractMostSignificantBits();
            if (equal != 0) return (i + System.Numerics.BitOperations.TrailingZeroCount(equal), maximum);
        }
    }

    private int LargestOf(ReadOnlySpan<float> logits)
    {
        Clean(logits);
        return Largest().Id;
    }

    /// <summary>Turns the row into weights e^((logit - maximum) / temperature): 1 for the most likely token.</summary>
    private void Weigh(float maximum, float temperature)
    {
        for (var i = 0; i < row.Length; i += Lanes.Width)
        {
            var x = (Vector512.LoadUnsafe(ref row[i]) - Vector512.Create(maximum)) / Vector512.Create(temperature);
            Lanes.Exp(x).StoreUnsafe(ref row[i]);
        }
    }

    /// <summary>The token at which the weights, summed by id, pass this share of their total.</summary>
    private int Draw(double share, int best)
    {
        var total = 0.0;
        for (var i = 0; i < row.Length; i += BlockSize) total += BlockSum(i);

        var target = share * total;
        var (sum, start) = (0.0, 0);
        for (var block = BlockSum(0); sum + block <= target && start + BlockSize < row.Length; block = BlockSum(start))
        {
            sum += block;
            start += BlockSize;
        }

        var chosen = best;      // stands when rounding leaves the target just past the last weight
        for (var i = start; i < Math.Min(start + BlockSize, row.Length); i++)
        {
            if (row[i] == 0) continue;
            chosen = i;
            if ((sum += row[i]) > target) break;
        }
        return chosen;
    }

    private double BlockSum(int start)
    {
        var sum = Vector512<float>.Zero;
        for (var i = start; i < Math.Min(start + BlockSize, row.Length); i += Lanes.Width) sum += Vector512.LoadUnsafe(ref row[i]);
        return Lanes.Sum(sum);
    }
}
