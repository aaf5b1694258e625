namespace Splitwiser.Models;

/// <summary>A change of the frequencies for contexts longer than those of the training.</summary>
public abstract record RopeScaling
{
    /// <summary>The scaled frequency of one pair, radians per position.</summary>
    public abstract float Apply(float frequency);

    /// <summary>Every frequency divided by the factor.</summary>
    public sealed record Linear(double Factor) : RopeScaling
    {
        public override float Apply(float frequency) => frequency / (float)Factor;
    }

    /// <summary>
    /// Llama 3's: waves longer than OriginalMaxPositions / LowFrequencyFactor have their frequency divided by the factor, those
    /// shorter than OriginalMaxPositions / HighFrequencyFactor keep it, and a linear ramp joins the two.
    /// </summary>
    public sealed record Llama3(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalMaxPositions) : RopeScaling
    {
        public override float Apply(float frequency)
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
}
