using Splitwiser.Gpu;
using Splitwiser.Gpu.Kv;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Device.Tests;

/// <summary>One lane of <see cref="PagedRunner"/>: launches capture what a device would read at launch, execution comes later and in order.</summary>
internal sealed class PagedLane
{
    private readonly PagedRunner runner;
    private readonly PagedStep[] steps;
    private long launched;
    private long executed;
    private int running;
    private int nextLayer;                              // of the slices that came last; 0 when none is under way
    private readonly List<(int Slot, int Offset, int Count)> sliced = [];

    public PagedLane(PagedRunner runner, int depth)
    {
        this.runner = runner;
        steps = [.. Enumerable.Range(0, depth).Select(_ => new PagedStep(this))];
    }

    public PagedStep Launch(Lane lane, StepPlan plan)
    {
        if (Interlocked.Exchange(ref running, 1) != 0) Misuse($"two threads drive lane {lane}");
        var step = steps[launched % steps.Length];
        if (launched >= steps.Length && !step.WasRead) Misuse($"lane {lane} was launched with {steps.Length} steps unread");
        var previous = launched > 0 ? steps[(launched - 1) % steps.Length] : null;
        step.Capture(lane, ++launched, plan, runner, previous == step ? null : previous);
        if (steps.Length == 1) ExecuteThrough(launched);
        Volatile.Write(ref running, 0);
        return step;
    }

    /// <summary>Slices of layers follow each other on their lane, with the same positions in each.</summary>
    public void CheckSlices(StepPlan plan, int layerCount)
    {
        var layers = plan.Prefill.Count > 0 ? plan.Prefill[0].Layers : null;
        for (var i = 0; i < plan.Prefill.Count; i++)
            if (plan.Prefill[i].Layers != layers) Misuse("segments of one step compute different layers");
        if (layers is not { } range)
        {
            nextLayer = 0;
            return;
        }

        if (plan.Decode.Count > 0) Misuse("decode rows beside a slice of layers");
        if (range.Start != 0 && range.Start != nextLayer) Misuse($"layers from {range.Start} on follow layers up to {nextLayer}");
        if (range.Start >= range.End || range.End > layerCount) Misuse($"layers {range.Start} .. {range.End} of {layerCount}");
        var parts = plan.Prefill.Select(segment => (segment.Sequence.Slot, segment.Offset, segment.Count)).ToList();
        if (range.Start != 0 && !parts.SequenceEqual(sliced)) Misuse("a slice computes other positions than the one before it");
        sliced.Clear();
        sliced.AddRange(parts);
        nextLayer = range.End == layerCount ? 0 : range.End;
    }

    public void ExecuteThrough(long number)
    {
        while (executed < number)
        {
            var step = steps[executed % steps.Length];
            runner.Execute(step);
            executed++;
        }
    }

    public bool HasExecuted(long number) => executed >= number;

    public void Waiting(Lane lane) => runner.OnWait?.Invoke(lane);

    public void Misuse(string what) => runner.Misuses.Enqueue(what);

    public TokenLogprob Sample(ulong hash, SamplingParams sampling, int outputCount) => runner.Tokens.Next(hash, sampling, outputCount);
}
