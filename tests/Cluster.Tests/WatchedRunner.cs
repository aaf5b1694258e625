using System.Collections.Concurrent;
using System.Collections.Immutable;
using Splitwiser.Gpu;
using Splitwiser.Gpu.Kv;
using Splitwiser.Models;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Cluster.Tests;

/// <summary>A runner that notes the page table of every sequence at its last prefill segment and at each of its decode steps,
/// whose decoding can be held, and that can break or compute something else than it must.</summary>
internal sealed class WatchedRunner(IModelRunner runner, string device) : IModelRunner
{
    private static readonly ConcurrentDictionary<string, ConcurrentQueue<Sighting>> Seen = new();

    private static readonly ManualResetEventSlim Decodes = new(true);
    private static int stepsToHold = -1;
    private static volatile string? broken;
    private static volatile string? confused;
    private static volatile StepGate? gate;

    private int prompts; // while it is confused

    public ModelConfig Model => runner.Model;

    public RunnerInfo Info => runner.Info;

    public static IEnumerable<Sighting> On(string device) => Seen.GetValueOrDefault(device) ?? [];

    /// <summary>After so many more decode steps no device decodes, until the result is disposed.</summary>
    public static IDisposable HoldAfter(int steps)
    {
        stepsToHold = steps;
        return new Release();
    }

    /// <summary>Until the result is disposed, no device decodes but step by step, as the test lets it.</summary>
    public static StepGate StepByStep() => gate = new StepGate();

    /// <summary>The device's next step fails.</summary>
    public static void Break(string device) => broken = device;

    /// <summary>Until the result is disposed, every second prompt of the device is answered with another token than its own.</summary>
    public static IDisposable Confuse(string device)
    {
        confused = device;
        return new Order();
    }

    public StepResult Run(Lane lane, StepPlan plan)
    {
        if (broken == device)
        {
            broken = null;
            throw new DeviceFaultException("The test broke it.");
        }

        var seen = Seen.GetOrAdd(device, _ => new());
        foreach (var segment in plan.Prefill)
            if (segment.Samples) seen.Enqueue(new(segment.Sequence, true, [.. segment.Sequence.Pages]));
        foreach (var row in plan.Decode) seen.Enqueue(new(row.Sequence, false, [.. row.Sequence.Pages]));
        if (plan.Decode.Count > 0)
        {
            if (Interlocked.Decrement(ref stepsToHold) == 0) Decodes.Reset();
            Decodes.Wait();
            gate?.Pass(plan.Decode.Count + plan.Prefill.Count);
        }

        var result = runner.Run(lane, plan);
        var answered = plan.Prefill.Count(segment => segment.Samples);
        return confused == device && answered > 0 && prompts++ % 2 == 1 ? new ConfusedResult(result, answered) : result;
    }

    public void Copy(CopyDirection direction, ReadOnlySpan<PageCopy> copies) => runner.Copy(direction, copies);

    public void Dispose() => runner.Dispose();

    private sealed class Order : IDisposable
    {
        public void Dispose() => confused = null;
    }

    /// <summary>A step whose prompts were answered wrongly.</summary>
    private sealed class ConfusedResult(StepResult result, int prompts) : StepResult
    {
        private readonly TokenLogprob[] sampled = [.. result.Sampled.ToArray().Select((token, row) => row < prompts ? token with { TokenId = token.TokenId ^ 1 } : token)];

        public override bool IsCompleted => result.IsCompleted;

        public override ReadOnlySpan<TokenLogprob> Sampled => sampled;

        public override TimeSpan Duration => result.Duration;

        public override void Wait() => result.Wait();

        public override ReadOnlySpan<TokenLogprob> TopLogprobs(int row) => result.TopLogprobs(row);

        public override ReadOnlySpan<float> Logits(int row) => result.Logits(row);
    }

    private sealed class Release : IDisposable
    {
        public void Dispose()
        {
            stepsToHold = -1;
            Decodes.Set();
        }
    }
}

/// <summary>One sequence in one step.</summary>
internal sealed record Sighting(Sequence Sequence, bool IsPrefill, ImmutableArray<PageId> Pages)
{
    /// <summary>As they are now.</summary>
    public ReadOnlySpan<int> Tokens => Sequence.Tokens;
}
