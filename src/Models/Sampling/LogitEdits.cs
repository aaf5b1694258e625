namespace Splitwiser.Models.Sampling;

/// <summary>What changes single logits before the temperature: biases, the mask of end tokens below min_tokens, penalties (as vLLM's).</summary>
internal sealed class LogitEdits(int vocabularySize)
{
    // (vocabulary) 0: not in the sequence; otherwise 1 + its count in the output. All 0 between calls.
    private readonly int[] seen = new int[vocabularySize];

    public void Apply(Span<float> logits, SamplingParams p, ReadOnlySpan<int> tokens, int outputStart)
    {
        foreach (var (token, bias) in p.LogitBias)
            if (IsKnown(token)) logits[token] = Number(logits[token] + bias);
        if (MasksEndTokens(p, tokens, outputStart))
            foreach (var token in p.EndTokenIds)
                if (IsKnown(token)) logits[token] = float.NegativeInfinity;
        if (p.RepetitionPenalty != 1 || p.PresencePenalty != 0 || p.FrequencyPenalty != 0) Penalize(logits, p, tokens, outputStart);
    }

    /// <summary>The lowest id that neither a mask nor a bias of minus infinity forbids; null when all are forbidden.</summary>
    public int? LowestAllowed(SamplingParams p, ReadOnlySpan<int> tokens, int outputStart, ReadOnlySpan<uint> allowed)
    {
        for (var token = 0; token < vocabularySize; token++)
        {
            if (!TokenMask.Allows(allowed, token)) continue;
            var forbidden = MasksEndTokens(p, tokens, outputStart) && p.EndTokenIds.Contains(token);
            foreach (var entry in p.LogitBias) forbidden |= entry.TokenId == token && float.IsNegativeInfinity(entry.Bias);
            if (!forbidden) return token;
        }
        return null;
    }

    private static bool MasksEndTokens(SamplingParams p, ReadOnlySpan<int> tokens, int outputStart) => tokens.Length - outputStart < p.MinTokens;

    private void Penalize(Span<float> logits, SamplingParams p, ReadOnlySpan<int> tokens, int outputStart)
    {
        for (var i = 0; i < tokens.Length; i++)
        {
            if (!IsKnown(tokens[i])) continue;
            ref var count = ref seen[tokens[i]];
            count = Math.Max(count, 1) + (i >= outputStart ? 1 : 0);
        }
        foreach (var token in tokens)
        {
            if (!IsKnown(token) || seen[token] == 0) continue;
            var inOutput = seen[token] - 1;
            seen[token] = 0;
            var logit = logits[token];
            logit = logit > 0 ? logit / p.RepetitionPenalty : logit * p.RepetitionPenalty;
            logit -= p.FrequencyPenalty * inOutput;
            logit -= inOutput > 0 ? p.PresencePenalty : 0;
            logits[token] = Number(logit);
        }
    }

    private bool IsKnown(int token) => (uint)token < (uint)vocabularySize;

    private static float Number(float x) => float.IsNaN(x) ? float.NegativeInfinity : MathF.Min(x, float.MaxValue);
}
