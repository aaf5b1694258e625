using System.Diagnostics;
using Splitwiser.Gpu.Phases;

namespace Splitwiser.Bench.Phases;

/// <summary>One long prompt arrives while sequences decode: what it costs them, and what it waits for itself.</summary>
/// <param name="IdleP50">Seconds between two tokens of the running sequences before it came.</param>
/// <param name="P99">And from its arrival to its first token.</param>
/// <param name="FirstToken">Seconds from its arrival to its first token.</param>
internal sealed record LongArrival(double IdleP50, double P50, double P99, double Worst, double FirstToken)
{
    public static async Task<LongArrival> Measure(PhaseRig rig, Sharing sharing, PhasePoint point, int length, TimeSpan idle, CancellationToken ct)
    {
        var worker = await rig.Worker(sharing, ct);
        var leases = await rig.StartDecodes(worker, ct);
        await Task.Delay(idle / 2, ct);
        rig.Watch.Begin();
        await Task.Delay(idle, ct);
        var prompt = rig.Prompt(length, 1);
        var arrived = Stopwatch.GetTimestamp();
        var handoff = await worker.Prefill(prompt, ct);
        var answered = Stopwatch.GetTimestamp();
        await NextStep(rig, point, answered, ct);
        var steps = rig.Watch.Steps;
        worker.Release(handoff.Lease);
        await PhaseRig.Stop(worker, leases, ct);
        var (before, during) = (PhaseSample.Gaps(steps, point.Decodes, to: arrived), PhaseSample.Gaps(steps, point.Decodes, arrived, answered));
        if (before.Length == 0 || during.Length == 0) throw new BenchException($"{sharing.Name}: the running sequences came to their end before the long prompt; give them more room or less time.");
        return new LongArrival(
            Percentile.OfSorted(before, 0.5), Percentile.OfSorted(during, 0.5), Percentile.OfSorted(during, 0.99), during[^1], Stopwatch.GetElapsedTime(arrived, answered).TotalSeconds);
    }

    /// <summary>Medians of several; the worst gap of all.</summary>
    public static LongArrival MedianOf(IReadOnlyList<LongArrival> runs) => new(
        Median.Of(runs.Select(run => run.IdleP50)), Median.Of(runs.Select(run => run.P50)), Median.Of(runs.Select(run => run.P99)), runs.Max(run => run.Worst), Median.Of(runs.Select(run => run.FirstToken)));

    /// <summary>A decode step has ended after this moment: the gap that was open then is closed.</summary>
    private static async Task NextStep(PhaseRig rig, PhasePoint point, long after, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        while (!rig.Watch.Steps.Any(step => step.Completed >= after && step.DecodeRows >= point.Decodes) && Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(10)) await Task.Delay(1, ct);
    }
}
