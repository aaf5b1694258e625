using Microsoft.Extensions.Logging;
using Splitwiser.Bench.Devices;
using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Phases;

namespace Splitwiser.Bench.Phases;

/// <summary>All operating points on one runner: each phase alone, both together in every way, handoffs, and a long prompt's arrival.</summary>
internal sealed class PhaseBench(BenchDevice device, PhasePlan plan, ILogger<DeviceWorker> logger)
{
    private readonly IReadOnlyList<PhaseMode> modes = plan.Modes.Count > 0 ? plan.Modes : [.. device.Runner.Info.Modes.Order()];

    public static RunnerSizes Sizes(PhasePlan plan, int modelPositions)
    {
        var length = plan.ModelLength(modelPositions);
        var sequences = plan.Points.Max(point => point.Decodes) + 32;
        var pages = plan.Points.Max(point => point.Decodes * PageId.CountFor(Math.Min(length, point.Context + 2048)) + 16 * PageId.CountFor(point.Prompt + 8)) + PageId.CountFor(plan.Arrival) + 64;
        return new RunnerSizes(length, sequences, plan.StepTokens, pages, FillsGpu: true);
    }

    public async Task<IReadOnlyList<PhaseReport>> Measure(CancellationToken ct)
    {
        List<PhaseReport> reports = [];
        foreach (var point in plan.Points)
        {
            reports.Add(await Measure(point, ct));
            reports[^1].Print();
        }

        return reports;
    }

    private async Task<PhaseReport> Measure(PhasePoint point, CancellationToken ct)
    {
        Console.WriteLine($"{point.Description}:");
        await using var rig = new PhaseRig(device, point, plan.ModelLength(device.Folder.Config.MaxPositions), plan.Times.Warm, logger);
        var alone = new Sharing(PhaseMode.Serial, plan.StepTokens);
        var first = await rig.Measure(alone, prefills: true, decodes: false, plan.Times.Window, ct);
        var window = TimeSpan.FromSeconds(Math.Max(plan.Times.Window.TotalSeconds, 10 * point.Prompt / first.PrefillRate));
        var step = await rig.Measure(alone, prefills: false, decodes: true, plan.Times.Window, ct);
        var targets = plan.TargetsAt(point, step.StepP50 * 1e3);
        Sharing[] ways = [.. modes.SelectMany(mode => Sharing.Sweep(mode, plan.Slices, plan.Chunks, targets, device.Runner.Info.Splits))];

        List<PhaseSample> prefillAlone = [], decodeAlone = [];
        var together = ways.ToDictionary(way => way, _ => new List<PhaseSample>());
        for (var run = 1; run <= plan.Times.Repetitions; run++)
        {
            prefillAlone.Add(await rig.Measure(alone, prefills: true, decodes: false, window, ct));
            decodeAlone.Add(await rig.Measure(alone, prefills: false, decodes: true, window, ct));
            Tell(run, "prefill alone", prefillAlone[^1]);
            Tell(run, "decode alone", decodeAlone[^1]);
            foreach (var way in ways)
            {
                together[way].Add(await rig.Measure(way, prefills: true, decodes: true, window, ct));
                Tell(run, way.Name, together[way][^1]);
            }
        }

        var results = ways.Select(way => (Way: way, Result: PhaseResult.Of(way, together[way], prefillAlone, decodeAlone))).ToArray();
        return new PhaseReport(
            point, Rates(point, PhaseSample.MedianOf(prefillAlone), PhaseSample.MedianOf(decodeAlone)), [.. results.Select(result => result.Result)],
            [.. targets.Select(target => EqualItl.At(target, results.Select(result => result.Result)))], AdaptiveGap.Of(results),
            plan.Handoffs == 0 ? null : await HandoffTimes.Measure(rig, ways.Last(way => way.Mode == (modes.Contains(PhaseMode.Adaptive) ? PhaseMode.Adaptive : modes[0])), point, plan.Handoffs, ct),
            plan.Arrival == 0 ? [] : await Arrivals(rig, point, OnePerMode(point, ways), ct));
    }

    /// <summary>Of each mode the setting that a user would serve with: the largest slice or chunk, the point's bound as the target.</summary>
    private static IReadOnlyList<Sharing> OnePerMode(PhasePoint point, IReadOnlyList<Sharing> ways) =>
        [.. ways.GroupBy(way => way.Mode).Select(mode => mode.Key == PhaseMode.Adaptive && point.Bound is { } bound ? mode.First(way => way.Amount == bound) : mode.ElementAt(mode.Count() / 2))];

    private async Task<IReadOnlyList<ArrivalResult>> Arrivals(PhaseRig rig, PhasePoint point, IReadOnlyList<Sharing> ways, CancellationToken ct)
    {
        var arrivals = ways.ToDictionary(way => way, _ => new List<LongArrival>());
        for (var run = 1; run <= plan.Times.Repetitions; run++)
            foreach (var way in ways)
            {
                arrivals[way].Add(await LongArrival.Measure(rig, way, point, plan.Arrival, plan.Times.Window, ct));
                var seen = arrivals[way][^1];
                Console.WriteLine($"  {run} of {plan.Times.Repetitions}, a prompt of {plan.Arrival} arrives, {way.Name}: first token after {seen.FirstToken * 1e3:0} ms, gaps p99 {seen.P99 * 1e3:0.0}, worst {seen.Worst * 1e3:0.0} ms");
            }
        return [.. ways.Select(way => ArrivalResult.Of(way, plan.Arrival, LongArrival.MedianOf(arrivals[way])))];
    }

    private AloneRates Rates(PhasePoint point, PhaseSample prefill, PhaseSample decode) => new(
        prefill.PrefillRate, decode.StepP50 * 1e3, decode.StepP99 * 1e3,
        prefill.PrefillRate / point.Prompt * device.Work.PrefillOperations(point.Prompt) / 1e12, device.Work.DecodeBytes(point.Decodes, point.Context) / decode.StepP50 / 1e9);

    private void Tell(int run, string what, PhaseSample sample) => Console.WriteLine(
        $"  {run} of {plan.Times.Repetitions}, {what}: {(sample.PrefillSteps > 0 ? $"{sample.PrefillRate:0} tok/s " : "")}{(sample.DecodeSteps > 0 ? $"step {sample.StepP50 * 1e3:0.00} ms, p99 {sample.StepP99 * 1e3:0.00} ({sample.SharedBy})" : "")}");
}
