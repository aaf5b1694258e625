namespace Splitwiser.Models;

/// <summary>The weights of a normalization: normalized x * (Weight + the config's NormOffset) + Bias.</summary>
/// <param name="Weight">(size); null for ones.</param>
/// <param name="Bias">(size); null for none.</param>
public readonly record struct Norm(Tensor? Weight, Tensor? Bias = null);
