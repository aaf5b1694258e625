namespace Splitwiser.Models;

/// <summary>Rotary position embedding (RoFormer, arXiv 2104.09864): pair i of a head turns by position * InverseFrequency[i].</summary>
/// <param name="Theta">The base: InverseFrequency[i] = Theta^(-2i / headSize) before scaling.</param>
/// <param name="Scaling">How the frequencies are changed for longer contexts; null for not at all.</param>
public sealed record RopeConfig(double Theta, RopeScaling? Scaling = null)
{
    /// <summary>
    /// (headSize / 2) radians per position of every pair. Computed in singles, in the order of transformers' rope functions,
    /// because their rounding is part of what a checkpoint was trained with.
    /// </summary>
    public float[] InverseFrequencies(int headSize)
    {
        var frequencies = new float[headSize / 2];
        for (var i = 0; i < frequencies.Length; i++)
        {
            var unscaled = 1 / MathF.Pow((float)Theta, 2 * i / (float)headSize);
            frequencies[i] = Scaling?.Apply(unscaled) ?? unscaled;
        }
        return frequencies;
    }
}
