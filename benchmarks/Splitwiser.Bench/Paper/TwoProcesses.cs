using System.Diagnostics;

namespace Splitwiser.Bench.Paper;

/// <summary>The workload cut in two, a process for each half: what the paper does, with our own engine in each.</summary>
internal static class TwoProcesses
{
    private const int Parts = 2;

    /// <param name="arguments">Of the paper command, for the processes.</param>
    /// <param name="series">What was measured in one process: a result is added to each.</param>
    public static async Task<IReadOnlyList<PaperSeries>> Measure(PaperPlan plan, IReadOnlyList<string> arguments, IReadOnlyList<PaperSeries> series, CancellationToken ct)
    {
        List<PaperHalf> halves = [];
        try
        {
            for (var part = 0; part < Parts; part++) halves.Add(await PaperHalf.Start(arguments, part, Parts, ct));
            List<PaperSeries> measured = [];
            foreach (var one in series) measured.Add(one with { Results = [.. one.Results, await Measure(plan, one, halves, ct)] });
            return measured;
        }
        finally
        {
            foreach (var half in halves) half.Dispose();
        }
    }

    private static async Task<PaperResult> Measure(PaperPlan plan, PaperSeries series, IReadOnlyList<PaperHalf> halves, CancellationToken ct)
    {
        var batch = Math.Max(1, series.TunedBatch / Parts);
        List<PaperRun> runs = [];
        var memory = 0L;
        for (var run = 0; run <= plan.Runs; run++)      // the first only warms
        {
            var started = Stopwatch.GetTimestamp();
            var parts = await Task.WhenAll(halves.Select(half => half.Run(series.Output, batch, ct)));
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            Console.WriteLine($"  {plan.Prompt} in, {series.Output} out, {(run == 0 ? "warming" : $"{run} of {plan.Runs}")}, {Parts} processes of {batch} at a time: {seconds:0.000} s");
            if (run > 0) runs.Add(Together(parts, seconds));
            memory = parts[0].MemoryIsShared ? parts.Max(part => part.MemoryBytes) : parts.Sum(part => part.MemoryBytes);
        }

        var median = PaperRun.MedianOf(runs);
        var turns = series.Results[1].Seconds;
        return PaperResult.Of($"{Parts} processes, {batch} at a time each", series.Output, median, plan.Requests, memory).Against(turns, series.Limit);
    }

    private static PaperRun Together(PartRun[] parts, double seconds)
    {
        var runs = parts.Select(part => part.Run).ToArray();
        return runs[0] with
        {
            Seconds = seconds,
            Tokens = runs.Sum(run => run.Tokens),
            FirstToken = runs.Average(run => run.FirstToken),
            Latency = runs.Average(run => run.Latency),
            LatencyP99 = runs.Max(run => run.LatencyP99),
            Bytes = runs.Sum(run => run.Bytes),
            PageBytes = runs.Sum(run => run.PageBytes),
        };
    }
}
