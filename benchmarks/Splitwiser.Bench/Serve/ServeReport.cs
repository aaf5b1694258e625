using Spectre.Console;
using Splitwiser.Bench.Charts;

namespace Splitwiser.Bench.Serve;

/// <summary>All modes under one load.</summary>
/// <param name="Load">In words.</param>
internal sealed record ServeReport(string Model, string Load, Slo Slo, IReadOnlyList<ServeRun> Runs)
{
    public void Print()
    {
        var table = new Table().AddColumns("mode", "devices", "requests/s", "within", "holds", "first token p50 ms", "p99", "gap p50 ms", "p99", "request's p99, p99", "whole p50 s", "p99", "tok/s", "failed", "send lag p99 ms");
        foreach (var run in Runs)
            foreach (var trial in run.Trials)
                table.AddRow(run.Name, $"{run.Devices}", $"{trial.Rate:0.00}", $"{trial.Within:0.0%}", trial.Holds ? "yes" : trial.StoppedEarly ? "no, stopped" : "no", $"{trial.FirstToken.P50:0}", $"{trial.FirstToken.P99:0}",
                    $"{trial.TokenGap.P50:0.0}", $"{trial.TokenGap.P99:0.0}", $"{trial.RequestGapP99.P99:0.0}", $"{trial.Whole.P50 / 1e3:0.00}", $"{trial.Whole.P99 / 1e3:0.00}", $"{trial.OutputTokensPerSecond:0}", $"{trial.Failed}", $"{trial.SendLagP99:0.0}");
        AnsiConsole.Write(table);
        foreach (var run in Runs.Where(run => run.Best is not null))
            AnsiConsole.MarkupLineInterpolated($"{run.Name}, {run.Devices}: {(run.IsLimit ? "" : "at least ")}{run.Best:0.00} requests/s keep first token <= {Slo.FirstToken:0.###} s and a request's p99 gap <= {Slo.TokenGap * 1e3:0.#} ms for {Slo.Share:0.#%}{(run.Compression is { } factor ? $" ({factor:0.00}x the trace)" : "")}");
    }

    /// <summary>How many keep both targets at which rate.</summary>
    public SvgChart Chart(string hardware) => new(
        $"{Model} on {hardware}: first token within {Slo.FirstToken:0.###} s, p99 gap within {Slo.TokenGap * 1e3:0.#} ms", "requests a second", "requests within both (%)",
        [.. Runs.Select(run => new Series(Runs.Select(other => other.Devices).Distinct().Count() > 1 ? $"{run.Name}, {run.Devices}" : run.Name, [.. run.Trials.Select(trial => (trial.Rate, trial.Within * 100))]))],
        [new Limit($"{Slo.Share:0.#%}", Slo.Share * 100, IsVertical: false)]);
}
