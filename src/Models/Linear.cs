namespace Splitwiser.Models;

/// <summary>y = Weight x + Bias.</summary>
/// <param name="Weight">(out, in).</param>
/// <param name="Bias">(out); null for none.</param>
public readonly record struct Linear(Tensor Weight, Tensor? Bias);
