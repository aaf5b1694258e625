namespace Splitwiser.Bench.Serve;

/// <summary>What to send, to whom, and what to look for.</summary>
/// <param name="Servers">Running ones; empty for silos of its own.</param>
/// <param name="Modes">Of its own silos.</param>
/// <param name="Fleet">Devices of each of its own silos.</param>
/// <param name="SiloArguments">Of every silo of its own; model and device among them.</param>
/// <param name="Rates">Requests a second to try for each device; empty to search for the highest from <paramref name="Start"/>.</param>
/// <param name="Runs">Of a burst.</param>
internal sealed record ServePlan(
    IReadOnlyList<Uri> Servers, IReadOnlyList<ServedMode> Modes, IReadOnlyList<int> Fleet, IReadOnlyList<string> SiloArguments, bool OnGpu, int Vocabulary, LoadShape Shape, IReadOnlyList<TraceRow> Trace, Slo Slo,
    IReadOnlyList<double> Rates, double Start, double Tolerance, int Trials, int Runs, int WarmUp)
{
    /// <summary>How a silo is told to have so many devices.</summary>
    public IReadOnlyList<string> DevicesOf(int count) => OnGpu ? ["--devices", string.Join(',', Enumerable.Range(0, count))] : ["--cpu-devices", $"{count}"];
}
