namespace Splitwiser.Models;

/// <summary>Rotary position embedding (RoFormer, arXiv 2104.09864): pair i of a head turns by position * InverseFrequency[i].</summary>
/// <param name="Theta">The base: InverseFrequency[i] = Theta^(-2i / rotarySize) before scaling.</param>
/// <param name="Scaling">How the frequencies are changed for longer contexts; null for not at all.</param>
/// <param name="RotaryShare">The first share of a head turns, the rest of it stays (Phi-4-mini's partial_rotary_factor).</param>
public sealed record RopeConfig(double Theta, RopeScaling? Scaling = null, double RotaryShare = 1)
{
    /// <summary>What cosines and sines are multiplied by.</summary>
    public float Magnitude => Scaling?.Magnitude ?? 1;

    /// <summary>Elements of a head that turn: pairs (i, i + RotarySize / 2).</summary>
    public int RotarySize(int headSize) => (int)(headSize * RotaryShare);

    /// <summary>The longest context: YaRN's files often leave max_position_embeddings at what it was before.</summary>
    public int MaxPositions(int written) => Scaling is RopeScaling.Yarn yarn ? (int)Math.Min(Math.Max(written, yarn.OriginalMaxPositions * yarn.Factor), int.MaxValue) : written;

    /// <summary>A sequence of so many tokens takes the frequencies for long contexts, for all of its positions.</summary>
    public bool IsExtended(int length) => Scaling is RopeScaling.Long scaling && length > scaling.OriginalMaxPositions;

    /// <summary>
    /// (RotarySize / 2) radians per position of every pair. Computed in singles, in the order of transformers' rope functions,
    /// because their rounding is part of what a checkpoint was trained with.
    /// </summary>
    /// <param name="extended">For a sequence that <see cref="IsExtended"/>.</param>
    public float[] InverseFrequencies(int headSize, bool extended = false)
    {
        var size = RotarySize(headSize);
        var frequencies = new float[size / 2];
        for (var i = 0; i < frequencies.Length; i++)
        {
            var unscaled = 1 / MathF.Pow((float)Theta, 2 * i / (float)size);
            frequencies[i] = Scaling?.Apply(unscaled, i, extended) ?? unscaled;
        }
        return frequencies;
    }
}
