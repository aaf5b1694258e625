using System.Diagnostics;
using Splitwiser.Gpu.Phases;

namespace Splitwiser.Bench;

/// <summary>Sees when the last of so many requests has reached a device: what lies before is admission and routing.</summary>
internal sealed class ArrivalWatch(IReadOnlyList<DeviceWorker> workers, int requests)
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    /// <summary>Seconds from now, to a millisecond; the deadline where some had ended before the last came.</summary>
    public async Task<double> Measure(CancellationToken ct)
    {
        var before = Taken;
        var started = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(Period);
        while (Taken - before < requests && Stopwatch.GetElapsedTime(started) < Deadline) await timer.WaitForNextTickAsync(ct);
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Requests that the devices have ended, run or keep waiting.</summary>
    private long Taken => workers.Sum(worker =>
    {
        var (load, ended) = (worker.Load, worker.Statistics);
        return load.Waiting + load.Running + ended.EndedByLength + ended.EndedByToken;
    });
}
