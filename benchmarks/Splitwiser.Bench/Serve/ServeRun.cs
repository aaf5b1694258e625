namespace Splitwiser.Bench.Serve;

/// <summary>All trials of one mode on so many devices.</summary>
/// <param name="Best">The highest rate of requests a second that kept the objective; null where none was tried that did.</param>
/// <param name="IsLimit">A higher rate was tried and did not; otherwise the highest may be above the best.</param>
/// <param name="Compression">How many times faster than in the trace they came then; null without a trace's times.</param>
internal sealed record ServeRun(string Name, int Devices, double? Best, bool IsLimit, double? Compression, IReadOnlyList<TrialResult> Trials);
