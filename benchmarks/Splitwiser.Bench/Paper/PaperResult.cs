namespace Splitwiser.Bench.Paper;

/// <summary>One way to run the workload.</summary>
/// <param name="MemoryBytes">Of the device, by all processes of this way, as measured: on a GPU everything that is taken on the card, on the CPU what the processes have beside mapped files.</param>
/// <param name="ShareOfGain">Of the limit's gain over the tuned sequential run; null for that run and those before it.</param>
/// <param name="ShareOfSharedGain">The same of the limit with shared bounds.</param>
internal sealed record PaperResult(
    string Name, int Output, double Seconds, double TokensPerSecond, double RequestsPerSecond, double FirstToken, double Latency, double LatencyP99, double Gigabytes, double PageGigabytes, long MemoryBytes, double? ShareOfGain, double? ShareOfSharedGain)
{
    public static PaperResult Of(string name, int output, PaperRun run, int requests, long memory) => new(
        name, output, run.Seconds, run.Tokens / run.Seconds, requests / run.Seconds, run.FirstToken, run.Latency, run.LatencyP99, run.Bytes / 1e9, run.PageBytes / 1e9, memory, null, null);

    public PaperResult Against(double turns, OverlapLimit limit) => this with { ShareOfGain = OverlapLimit.ShareOfGain(turns, Seconds, limit.Seconds), ShareOfSharedGain = OverlapLimit.ShareOfGain(turns, Seconds, limit.SharedSeconds) };
}

/// <summary>All ways at one number of output tokens; the first is the paper's.</summary>
internal sealed record PaperSeries(int Output, int TunedBatch, OverlapLimit Limit, IReadOnlyList<PaperResult> Results);
