namespace Splitwiser.Client.CommandLine.Bench;

/// <summary>One request of a benchmark: a text or token ids, and how many tokens are wanted back.</summary>
internal sealed record BenchPrompt(string? Text, int[] TokenIds, int OutputTokens);
