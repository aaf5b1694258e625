namespace Splitwiser.Gpu.Phases;

/// <summary>No token of the vocabulary continues the output as its grammar asks: the sequence has ended without being whole.</summary>
public sealed class GrammarStuckException() : Exception("No token of the model's vocabulary continues the output in the format that was asked for.");
