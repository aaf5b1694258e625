using Spectre.Console;

namespace Splitwiser.Bench.Paper;

/// <summary>The table of the workload.</summary>
internal static class PaperReport
{
    public static void Print(PaperPlan plan, IReadOnlyList<PaperSeries> series)
    {
        foreach (var one in series)
        {
            AnsiConsole.MarkupLineInterpolated($"\n[bold]{plan.Requests} prompts of {plan.Prompt}, {one.Output} out[/]: in turns prefill takes {one.Limit.PrefillSeconds:0.000} s and decode {one.Limit.DecodeSeconds:0.000} s; overlapped at best {one.Limit.Seconds:0.000} s, {one.Limit.SharedSeconds:0.000} s where they share what bounds them");
            var table = new Table().AddColumns("way", "s", "to the first", "tok/s", "first token s", "latency s", "p99", "GB moved", "GB of pages", "GB in use", "of the limit's gain", "shared limit's");
            foreach (var result in one.Results)
                table.AddRow(result.Name, $"{result.Seconds:0.000}", $"{one.Results[0].Seconds / result.Seconds:0.00}x", $"{result.TokensPerSecond:0}", $"{result.FirstToken:0.000}", $"{result.Latency:0.000}", $"{result.LatencyP99:0.000}",
                    $"{result.Gigabytes:0.0}", $"{result.PageGigabytes:0.00}", $"{result.MemoryBytes / 1e9:0.00}", Share(result.ShareOfGain), Share(result.ShareOfSharedGain));
            AnsiConsole.Write(table);
        }
    }

    private static string Share(double? share) => share is { } value ? $"{value:0%}" : "";
}
