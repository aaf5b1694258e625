namespace Splitwiser.Models.Sampling;

/// <summary>The tokens that may come, one bit each: bit i of word w is token 32 w + i. An empty mask allows all.</summary>
internal static class TokenMask
{
    private const int Width = 32;

    public static bool Allows(ReadOnlySpan<uint> mask, int token) => mask.IsEmpty || (mask[token / Width] >> token % Width & 1) != 0;

    /// <summary>The lowest id that is allowed; null for an empty mask, and for one that allows none.</summary>
    public static int? Lowest(ReadOnlySpan<uint> mask) =>
        mask.IndexOfAnyExcept(0u) is >= 0 and var word ? word * Width + System.Numerics.BitOperations.TrailingZeroCount(mask[word]) : null;

    /// <summary>Sets the logits of all other tokens to minus infinity.</summary>
    public static void Apply(Span<float> logits, ReadOnlySpan<uint> mask)
    {
        for (var word = 0; word < mask.Length; word++)
        {
            var bits = mask[word];
            if (bits == uint.MaxValue) continue;
            var part = logits.Slice(word * Width, Math.Min(Width, logits.Length - word * Width));
            if (bits == 0) part.Fill(float.NegativeInfinity);
            else
                for (var i = 0; i < part.Length; i++)
                    if ((bits >> i & 1) == 0) part[i] = float.NegativeInfinity;
        }
    }
}
