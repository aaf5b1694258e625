using Splitwiser.Bench.Devices;
using Splitwiser.Grains;

namespace Splitwiser.Bench.Fleet;

/// <summary>The same burst through the grains of one silo: on the first device alone, and so many times as large on all of them, in turn.</summary>
internal sealed class FleetBench(FleetOfRunners fleet, Workload workload)
{
    private int seed;

    /// <returns>Pairs: on one device, and on all.</returns>
    public async Task<IReadOnlyList<(FleetRun One, FleetRun All)>> Measure(int runs, CancellationToken ct)
    {
        List<(FleetRun, FleetRun)> pairs = [];
        for (var run = 1; run <= runs; run++) pairs.Add((await On(1, run, ct), await On(fleet.Count, run, ct)));
        return pairs;
    }

    /// <summary>On a silo of its own, where a first burst only warms: graphs are recorded and costs learned.</summary>
    private async Task<FleetRun> On(int devices, int run, CancellationToken ct)
    {
        await using var silo = await FleetSilo.Start(fleet, devices, RoutingRule.KvAware, ct);
        await Burst(silo, ct);
        var measured = await Burst(silo, ct);
        Console.WriteLine($"run {run}, {measured}");
        return measured;
    }

    private async Task<FleetRun> Burst(FleetSilo silo, CancellationToken ct)
    {
        var requests = workload.Draw(fleet.Model.Config.VocabularySize, silo.Workers.Count, ++seed);
        var before = Ended(silo);
        var run = await WorkloadRun.ThroughGrains(silo.Grains, silo.Workers, requests, ct);
        if (silo.Workers.Sum(worker => worker.Pages.Leased) is > 0 and var leaked) throw new BenchException($"{leaked} pages leaked.");
        return FleetRun.Of(run, [.. Ended(silo).Zip(before, (after, earlier) => after - earlier)]);
    }

    private static long[] Ended(FleetSilo silo) => [.. silo.Workers.Select(worker => worker.Statistics.EndedByLength)];
}
