namespace Splitwiser.Bench.Fleet;

/// <summary>One burst on so many devices. Times in milliseconds, from the burst's start to a request's first token.</summary>
/// <param name="Arrival">Until the last request had reached a device.</param>
/// <param name="BusiestDevice">Requests of the busiest device over the mean of all.</param>
internal sealed record FleetRun(int Devices, int Requests, double Seconds, double TokensPerSecond, double FirstTokenP50, double FirstTokenP99, double LastFirstToken, double TokenGapP50, double TokenGapP99, double Arrival, double BusiestDevice)
{
    /// <param name="served">Requests of each device.</param>
    public static FleetRun Of(WorkloadRun run, IReadOnlyList<long> served) => new(
        served.Count, (int)served.Sum(), run.Seconds, run.TokensPerSecond, 1e3 * run.FirstPercentile(0.5), 1e3 * run.FirstPercentile(0.99), 1e3 * run.LastFirst,
        1e3 * run.GapPercentile(0.5), 1e3 * run.GapPercentile(0.99), 1e3 * run.Arrival, served.Max() / served.Average());

    public override string ToString() =>
        $"{Requests} requests on {Devices}: {Seconds:0.00} s, {TokensPerSecond:0} tok/s, first token p50 {FirstTokenP50:0} p99 {FirstTokenP99:0} ms, gap p50 {TokenGapP50:0.0} p99 {TokenGapP99:0.0} ms, all at a device after {Arrival:0} ms, busiest {BusiestDevice:0.00} of the mean";
}
