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
