namespace Splitwiser.Bench.Serve;

/// <summary>One request of a trace.</summary>
/// <param name="At">Seconds after the first row.</param>
/// <param name="Prompt">Tokens in.</param>
/// <param name="Output">Tokens out.</param>
internal readonly record struct TraceRow(double At, int Prompt, int Output);
