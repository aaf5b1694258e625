namespace Splitwiser.Bench;

/// <summary>One measured number: the median of several runs, unless its name says otherwise.</summary>
internal sealed record Figure(string Name, double Value, string Unit);
