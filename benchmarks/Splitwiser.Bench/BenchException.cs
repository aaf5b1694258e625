namespace Splitwiser.Bench;

/// <summary>What was asked for can't be measured here: said in one line, without a stack.</summary>
internal class BenchException(string message) : Exception(message);
