using System.Runtime.Intrinsics;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cpu;

/// <summary>
/// A model on the CPU: the readable twin of the CUDA runner and the embedded default. Weights stay in the checkpoint's own type,
/// arithmetic and pages are f32. The bits of a row depend on nothing but its own tokens: not on batch, chunk, page, lane or threads.
/// </summary>
public sealed class CpuRunner : IModelRunner
{
    private readonly CpuWeights weights;
    private readonly KvPages pages;
    private readonly ThreadTeam team;
    private readonly ForwardPass[] lanes;       // by lane

    /// <param name="weights">Read in place; must outlive the runner, and may serve several.</param>
    /// <exception cref="OutOfMemoryException">The pages or arenas do not fit the address space.</exception>
    public CpuRunner(DecoderWeights weights, CpuRunnerOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.PageCount, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxRows, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxTokens, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxSequences, 1, nameof(options));
        Model = weights.Config;
        this.weights = new CpuWeights(weights);
        pages = new KvPages(Model, options.PageCount);
        team = new ThreadTeam(options.Threads);
        lanes = [new ForwardPass(Lane.Prefill, this.weights, pages, team, options), new ForwardPass(Lane.Decode, this.weights, pages, team, options)];
        Info = new RunnerInfo
        {
            DeviceName = $"CPU, {options.Threads} threads, {Instructions}",
            PageCount = options.PageCount,
            PageBytes = pages.PageBytes,
            MaxRows = options.MaxRows,
            MaxTokens = options.MaxTokens,
            QueueDepth = 1,
            Modes = new HashSet<PhaseMode> { PhaseMode.Adaptive, PhaseMode.Serial, PhaseMode.Chunked, PhaseMode.Streams },
        };
    }

    public ModelConfig Model { get; }
    public RunnerInfo Info { get; }

    /// <summary>Bytes of one key/value page of a model, so that a pool can be sized before its runner is made.</summary>
    public static long PageBytesOf(ModelConfig model) => KvPages.PageBytesOf(model);

    private static string Instructions =>
        Vector512.IsHardwareAccelerated ? "AVX-512" : Vector256.IsHardwareAccelerated ? "AVX2" : Vector128.IsHardwareAccelerated ? "128-bit SIMD" : "no SIMD";

    /// <summary>Runs the step to its end on the calling thread and the team's.</summary>
    /// <exception cref="ArgumentException">The plan can't be run here; nothing was computed.</exception>
    /// <exception cref="DeviceFaultException">A kernel failed.</exception>
    public StepResult Run(Lane lane, StepPlan plan)
    {
        team.Enter();
        try
        {
            return lanes[(int)lane].Run(plan);
        }
        finally
        {
            team.Leave();
        }
    }

    /// <summary>No step may be running.</summary>
    public void Dispose()
    {
        team.Dispose();
        foreach (var lane in lanes) lane.Dispose();
        pages.Dispose();
        weights.Dispose();
    }

    /// <summary>Sets all pages and arenas, so that tests see what is read before it is written.</summary>
    internal void Poison(float value)
    {
        pages.Poison(value);
        foreach (var lane in lanes) lane.Poison(value);
    }
}
