namespace Splitwiser.Models;

/// <summary>Rotary position embedding (RoFormer, arXiv 2104.09864): pair i of a head turns by position * InverseFrequency[i].</summary>
/// <param name="Theta">The base: InverseFrequency[i] = Theta^(-2i / headSize) before scaling.</param>
/// <param name="Scaling">How the frequencies are changed for longer contexts; null for not at all.</param>
public sealed record RopeConfig(double Theta, RopeScaling? Scaling = null);

/// <summary>A change of the frequencies for contexts longer than those of the training.</summary>
public abstract record RopeScaling
{
    /// <summary>Every frequency divided by the factor.</summary>
    public sealed record Linear(double Factor) : RopeScaling;

    /// <summary>Llama 3's: low frequencies divided by the factor, high ones kept, a linear ramp in between.</summary>
    public sealed record Llama3(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalMaxPositions) : RopeScaling;
}
