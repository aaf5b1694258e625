using System.Diagnostics;
using Splitwiser.Bench.Devices;
using Splitwiser.Gpu.Phases;

namespace Splitwiser.Bench.Phases;

/// <summary>From prompt to decode, while other sequences decode.</summary>
/// <param name="Moved">Pages that the first decode step read elsewhere than the prompt was written, by this benchmark's own comparison of the page tables.</param>
/// <param name="Copied">The same as the device counts it.</param>
/// <param name="ChangeP99">Seconds by which 99 % of the changes of owner were done, from a bucket of the device's histogram.</param>
/// <param name="ToDecodeP99">Seconds from a first token to the launch of the first decode step with its sequence.</param>
/// <param name="StepP50">Seconds between two decode steps meanwhile.</param>
internal sealed record HandoffTimes(int Handoffs, int Pages, int Moved, long Copied, double ChangeP50, double ChangeP99, double ToDecodeP50, double ToDecodeP99, double StepP50)
{
    private const int Output = 4;

    public static async Task<HandoffTimes> Measure(PhaseRig rig, Sharing sharing, PhasePoint point, int handoffs, CancellationToken ct)
    {
        var worker = await rig.Worker(sharing, ct);
        var leases = await rig.StartDecodes(worker, ct);
        var before = worker.Statistics;
        rig.Watch.Begin();
        for (var i = 0; i < handoffs; i++)
        {
            var handoff = await worker.Prefill(rig.Prompt(point.Prompt, Output), ct);
            using var reader = worker.Attach(handoff.Lease, 0);
            while (await reader.WaitToReadAsync(ct))
                while (reader.TryRead(out _)) { }
        }

        var (seen, steps, after) = (rig.Watch.Handoffs, rig.Watch.Steps, worker.Statistics);
        await PhaseRig.Stop(worker, leases, ct);
        var change = HistogramBucket.Difference(after.HandoffTime, before.HandoffTime);
        var waits = seen.Select(handoff => handoff.ToFirstDecode.TotalSeconds).ToArray();
        return new HandoffTimes(
            seen.Length, seen.Sum(handoff => handoff.Pages), seen.Sum(handoff => handoff.Moved), after.HandoffPagesCopied - before.HandoffPagesCopied,
            HistogramBucket.UpperBound(change, 0.5), HistogramBucket.UpperBound(change, 0.99),
            Percentile.Of(waits, 0.5), Percentile.Of(waits, 0.99), PhaseSample.Of(steps, point.Decodes).StepP50);
    }
}
