using Spectre.Console;

namespace Splitwiser.Bench.Fleet;

/// <summary>The pairs of runs and what all devices are worth beside one.</summary>
internal sealed record FleetReport(string Model, string Workload, int Devices, IReadOnlyList<Figure> Figures, IReadOnlyList<FleetRun> Runs)
{
    public static FleetReport Of(string model, Workload workload, IReadOnlyList<(FleetRun One, FleetRun All)> pairs)
    {
        var (one, all) = (pairs.Select(pair => pair.One).ToArray(), pairs.Select(pair => pair.All).ToArray());
        var devices = all[0].Devices;
        double Ratio(Func<FleetRun, double> value) => Median.Of(pairs.Select(pair => value(pair.All) / value(pair.One)));
        List<Figure> figures =
        [
            .. Of("1 device", one), .. Of($"{devices} devices", all),
            new("tokens/s of all over one, median of pairs", Ratio(run => run.TokensPerSecond), "x"),
            new("p50 first token of all over one, median of pairs", Ratio(run => run.FirstTokenP50), "x"),
            new("p99 first token of all over one, median of pairs", Ratio(run => run.FirstTokenP99), "x"),
        ];
        return new FleetReport(model, workload.Description, devices, figures, [.. pairs.SelectMany(pair => new[] { pair.One, pair.All })]);
    }

    public void Print() => AnsiConsole.Write(FigureTable.Of(Figures, "0.##"));

    private static IEnumerable<Figure> Of(string devices, FleetRun[] runs) => new (string Name, Func<FleetRun, double> Value, string Unit)[]
    {
        ("output", run => run.TokensPerSecond, "tok/s"), ("first token p50", run => run.FirstTokenP50, "ms"), ("first token p99", run => run.FirstTokenP99, "ms"), ("last first token", run => run.LastFirstToken, "ms"),
        ("gap p50", run => run.TokenGapP50, "ms"), ("gap p99", run => run.TokenGapP99, "ms"), ("all requests at a device after", run => run.Arrival, "ms"), ("requests of the busiest device over the mean", run => run.BusiestDevice, "x"),
    }.Select(figure => new Figure($"{devices}, {figure.Name}", Median.Of(runs.Select(figure.Value)), figure.Unit));
}
