namespace Splitwiser.Gpu.Phases;

/// <summary>Keeps what the adaptive mode has learned from one start to the next. Guarded by the device's lock; the file is written by another thread.</summary>
internal sealed class LearnedCosts
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly CostFile file;
    private readonly StepCosts costs;
    private readonly Counters counters;
    private readonly TimeProvider time;
    private long? kept;     // timestamp

    /// <summary>Begins with what the file says.</summary>
    public LearnedCosts(CostFile file, StepCosts costs, Counters counters, TimeProvider time)
    {
        (this.file, this.costs, this.counters, this.time) = (file, costs, counters, time);
        if (file.Read() is { } record) costs.Restore(record);
    }

    /// <summary>Completes when all that was kept so far is in the file.</summary>
    public Task Written { get; private set; } = Task.CompletedTask;

    /// <summary>Keeps it unless it was kept a short while ago.</summary>
    public void KeepNowAndThen()
    {
        var now = time.GetTimestamp();
        if (kept is { } before && time.GetElapsedTime(before, now) < Pause) return;
        kept = now;
        Keep();
    }

    public void Keep()
    {
        if (counters.GeneratedTokens == 0) return;
        var record = costs.Record();
        Written = Written.ContinueWith(_ => file.Write(record), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }
}
