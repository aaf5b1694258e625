using System.Collections.Concurrent;
using System.Collections.Immutable;
using Splitwiser.Gpu;
using Splitwiser.Gpu.Kv;
using Splitwiser.Models;

namespace Splitwiser.Cluster.Tests;

/// <summary>A runner that notes the page table of every sequence at its last prefill segment and at each of its decode steps.</summary>
internal sealed class WatchedRunner(IModelRunner runner, string device) : IModelRunner
{
    private static readonly ConcurrentDictionary<string, ConcurrentQueue<Sighting>> Seen = new();

    public ModelConfig Model => runner.Model;

    public RunnerInfo Info => runner.Info;

    public static IEnumerable<Sighting> On(string device) => Seen.GetValueOrDefault(device) ?? [];

    public StepResult Run(Lane lane, StepPlan plan)
    {
        var seen = Seen.GetOrAdd(device, _ => new());
        foreach (var segment in plan.Prefill)
            if (segment.Samples) seen.Enqueue(new(segment.Sequence, true, [.. segment.Sequence.Pages]));
        foreach (var row in plan.Decode) seen.Enqueue(new(row.Sequence, false, [.. row.Sequence.Pages]));
        return runner.Run(lane, plan);
    }

    public void Dispose() => runner.Dispose();
}

/// <summary>One sequence in one step.</summary>
internal sealed record Sighting(Sequence Sequence, bool IsPrefill, ImmutableArray<PageId> Pages)
{
    /// <summary>As they are now.</summary>
    public ReadOnlySpan<int> Tokens => Sequence.Tokens;
}
