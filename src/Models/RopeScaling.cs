using System.Collections.Immutable;

namespace Splitwiser.Models;

/// <summary>A change of the frequencies for contexts longer than those of the training.</summary>
public abstract record RopeScaling
{
    /// <summary>The scaled frequency of one pair, radians per position.</summary>
    /// <param name="extended">For a sequence beyond the original context.</param>
    public abstract float Apply(float frequency, int pair, bool extended);

    /// <summary>What cosines and sines are multiplied by.</summary>
    internal virtual float Magnitude => 1;

    /// <summary>Every frequency divided by the factor.</summary>
    public sealed record Linear(double Factor) : RopeScaling
    {
        public override float Apply(float frequency, int pair, bool extended) => frequency / (float)Factor;
    }

    /// <summary>
    /// Llama 3's: waves longer than OriginalMaxPositions / LowFrequencyFactor have their frequency divided by the factor, those
    /// shorter than OriginalMaxPositions / HighFrequencyFactor keep it, and a linear ramp joins the two.
    /// </summary>
    public sealed record Llama3(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalMaxPositions) : RopeScaling
    {
        public override float Apply(float frequency, int pair, bool extended)
        {
            var wavelength = 2 * MathF.PI / frequency;
            if (wavelength > (float)(OriginalMaxPositions / LowFrequencyFactor))
                return frequency / (float)Factor;
            if (wavelength < (float)(OriginalMaxPositions / HighFrequencyFactor))
                return frequency;
            var kept = (OriginalMaxPositions / wavelength - (float)LowFrequencyFactor) / (float)(HighFrequencyFactor - LowFrequencyFactor);
            return (1 - kept) * frequency / (float)Factor + kept * frequency;
        }
    }

    /// <summary>
    /// YaRN (Peng et al., arXiv 2309.00071): pairs up to Low keep their frequency, those from High on have it divided by the factor, and a
    /// linear ramp over the pairs joins the two.
    /// </summary>
    /// <param name="Low">The pair that turns beta_fast times over the original context.</param>
    /// <param name="High">The pair that turns beta_slow times.</param>
    public sealed record Yarn(double Factor, double Low, double High, float AttentionFactor, int OriginalMaxPositions) : RopeScaling
    {
        internal override float Magnitude => AttentionFactor;

        public override float Apply(float frequency, int pair, bool extended)
        {
            var divided = Math.Clamp((pair - (float)Low) / (float)(High - Low), 0, 1);
            return frequency / (float)Factor * divided + frequency * (1 - divided);
        }
    }

    /// <summary>
    /// LongRoPE (Ding et al., arXiv 2402.13753): every pair's frequency is divided by a factor of its own, from one list up to
    /// OriginalMaxPositions tokens, from the other beyond. As in transformers the length of the whole sequence decides, for all its positions.
    /// </summary>
    /// <param name="ShortFactors">(RotarySize / 2)</param>
    /// <param name="LongFactors">(RotarySize / 2)</param>
    public sealed record Long(ImmutableArray<float> ShortFactors, ImmutableArray<float> LongFactors, float AttentionFactor, int OriginalMaxPositions) : RopeScaling
    {
        internal override float Magnitude => AttentionFactor;

        public override float Apply(float frequency, int pair, bool extended) => frequency / (extended ? LongFactors : ShortFactors)[pair];
    }
}
