using Spectre.Console;

namespace Splitwiser.Bench.Kill;

/// <summary>All kills of a run.</summary>
/// <param name="repeated">Those that the machine itself spoiled, by standing still for 2 s and more: another one stands in the place of each.</param>
/// <param name="undisturbed">Worst gaps of the undisturbed streams, in seconds: what the machine alone costs.</param>
internal sealed class KillReport(KillPlan plan, IReadOnlyList<double> undisturbed, IReadOnlyList<KillRound> rounds, IReadOnlyList<KillRound> repeated)
{
    public int Exact => rounds.Sum(round => round.Exact);

    public int Streams => plan.Streams * rounds.Count;

    /// <summary>Every stream exact, no page leaked, and no gap too long but where the machine stood still.</summary>
    public bool Holds => Exact == Streams && rounds.All(round => round.LeakedPages == 0 && (round.WorstGap < plan.WorstGap.TotalSeconds || !round.IsCalm));

    private List<KillRound> Calm => [.. rounds.Where(round => round.IsCalm)];

    private IReadOnlyList<Figure> Figures =>
    [
        new("streams that are exact, of all", 100.0 * Exact / Streams, "%"),
        new("worst gap", rounds.Max(round => round.WorstGap), "s"),
        new("kills during which the machine never stalled for 0.5 s", Calm.Count, "kills"),
        new("worst gap of those", Calm.Select(round => round.WorstGap).DefaultIfEmpty(double.NaN).Max(), "s"),
        new("worst gap of a kill, median of the kills", Median.Of(rounds.Select(round => round.WorstGap)), "s"),
        new("worst gap of a stream, median of the streams, median of the kills", Median.Of(rounds.Select(round => round.MedianGap)), "s"),
        new("worst gap undisturbed", undisturbed.Max(), "s"),
        new("worst gap of a stream undisturbed, median of the streams", Median.Of(undisturbed), "s"),
        new("streams open at the kill, median of the kills", Median.Of(rounds.Select(round => (double)round.Open)), "streams"),
        new("pages leaked on the survivors, all kills", rounds.Sum(round => round.LeakedPages), "pages"),
    ];

    public Table Table() => FigureTable.Of(Figures, "0.##");

    public string Write(string folder) => RecordedRun.Write(folder, $"kill-{plan.Provider.ToLowerInvariant()}", new
    {
        Benchmark = "kill",
        Date = RecordedRun.Today,
        Hardware = ResultFile.Hardware(),
        Commit = ResultFile.Commit(),
        RecordedRun.Command,
        Plan = plan with { Model = Path.GetFileName(plan.Model) },
        Exact = $"{Exact} of {Streams}",
        Figures,
        Kills = rounds,
        Repeated = repeated,
    });
}
