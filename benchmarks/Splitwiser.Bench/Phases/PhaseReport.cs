using Spectre.Console;
using Splitwiser.Bench.Charts;

namespace Splitwiser.Bench.Phases;

/// <summary>What one operating point showed.</summary>
internal sealed record PhaseReport(
    PhasePoint Point, AloneRates Alone, IReadOnlyList<PhaseResult> Together, IReadOnlyList<EqualItl> EqualItl, IReadOnlyList<AdaptiveGap> Adaptive, HandoffTimes? Handoff, IReadOnlyList<ArrivalResult> LongArrivals)
{
    public void Print()
    {
        AnsiConsole.MarkupLineInterpolated($"\n[bold]{Point.Description}[/]");
        AnsiConsole.MarkupLineInterpolated($"alone: prefill {Alone.PrefillTokensPerSecond:0} tok/s ({Alone.TeraOperationsPerSecond:0.0##} TFLOP/s); decode step {Alone.StepP50Ms:0.00} ms, p99 {Alone.StepP99Ms:0.00} ({Alone.GigabytesPerSecond:0} GB/s)");
        var table = new Table().AddColumns("mode", "setting", "prefill tok/s", "step p50 ms", "p99", "worst", "prefill share", "decode share", "sum");
        foreach (var result in Together)
            table.AddRow(result.Mode, result.Setting, $"{result.PrefillTokensPerSecond:0}", $"{result.StepP50Ms:0.00}", $"{result.StepP99Ms:0.00}", $"{result.WorstStepMs:0.0}", $"{result.PrefillShare:0.00}", $"{result.DecodeShare:0.00}", $"{result.Sum:0.00}");
        AnsiConsole.Write(table);
        foreach (var equal in EqualItl)
            AnsiConsole.MarkupLineInterpolated($"within {equal.BoundMs:0.##} ms: {(equal.Best.Count == 0 ? "none" : string.Join("; ", equal.Best.Select(best => $"{best.Name} {best.PrefillTokensPerSecond:0} tok/s")))}");
        foreach (var gap in Adaptive)
            AnsiConsole.MarkupLineInterpolated($"adaptive, {gap.Setting}: {gap.Ratio:0.00}x the best fixed ({gap.BestFixed}) within {gap.BoundMs:0.##} ms");
        if (Handoff is { } handoff)
            AnsiConsole.MarkupLineInterpolated($"{handoff.Handoffs} handoffs of {handoff.Pages} pages: {handoff.Moved} moved, {handoff.Copied} counted as copied; change of owner within {handoff.ChangeP50 * 1e6:0} us (p50), {handoff.ChangeP99 * 1e6:0} us (p99); first token to first decode step {handoff.ToDecodeP99 * 1e3:0.000} ms (p99), a step {handoff.StepP50 * 1e3:0.000} ms");
        if (LongArrivals.Count == 0) return;
        var arrivals = new Table().AddColumns("long prompt arrives", "idle p50 ms", "p50", "p99", "p99 / idle p50", "worst", "its first token ms");
        foreach (var arrival in LongArrivals)
            arrivals.AddRow(arrival.Name, $"{arrival.IdleP50Ms:0.00}", $"{arrival.P50Ms:0.00}", $"{arrival.P99Ms:0.00}", $"{arrival.P99Ms / arrival.IdleP50Ms:0.00}", $"{arrival.WorstMs:0.0}", $"{arrival.FirstTokenMs:0}");
        AnsiConsole.Write(arrivals);
    }

    /// <summary>Prefill against the time between tokens, a line for each mode.</summary>
    public SvgChart Chart(string hardware, string model) => new(
        $"{model} on {hardware}: {Point.Description}", "time between tokens, median (ms)", "prefill (tokens/s)",
        [.. Together.GroupBy(result => result.Mode).Select(mode => new Series(mode.Key, [.. mode.OrderBy(result => result.StepP50Ms).Select(result => (result.StepP50Ms, result.PrefillTokensPerSecond))]))],
        [new Limit("prefill alone", Alone.PrefillTokensPerSecond, IsVertical: false), new Limit("decode alone", Alone.StepP50Ms, IsVertical: true)]);
}

/// <summary>Each phase with the device for itself.</summary>
/// <param name="TeraOperationsPerSecond">Modelled operations of the prefill steps.</param>
/// <param name="GigabytesPerSecond">Modelled bytes of the decode steps.</param>
internal sealed record AloneRates(double PrefillTokensPerSecond, double StepP50Ms, double StepP99Ms, double TeraOperationsPerSecond, double GigabytesPerSecond);

/// <summary>A long prompt's arrival in one mode.</summary>
internal sealed record ArrivalResult(string Name, int Prompt, double IdleP50Ms, double P50Ms, double P99Ms, double WorstMs, double FirstTokenMs)
{
    public static ArrivalResult Of(Sharing sharing, int length, LongArrival arrival) =>
        new(sharing.Name, length, arrival.IdleP50 * 1e3, arrival.P50 * 1e3, arrival.P99 * 1e3, arrival.Worst * 1e3, arrival.FirstToken * 1e3);
}
