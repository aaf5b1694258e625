using System.Runtime.Intrinsics;
using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cpu;

/// <summary>
/// A model on the CPU: the readable twin of the CUDA runner and the embedded default. Weights stay in the checkpoint's own type,
/// arithmetic and pages are f32. The bits of a row depend on nothing but its own tokens: not on batch, chunk, page, lane or threads.
/// </summary>
public sealed class CpuRunner : IModelRunner
{
    private readonly NativeArena weightArena = new(), pageArena = new(), laneArena = new();
    private readonly ThreadTeam team;
    private readonly ForwardPass[] lanes;       // by lane
    private readonly KvPages pages;
    private readonly KvPages hostPages;         // behind the pool; both are main memory

    /// <param name="weights">Read in place; must outlive the runner, and may serve several.</param>
    /// <exception cref="OutOfMemoryException">The machine can't hold the pages or the arenas.</exception>
    public CpuRunner(DecoderWeights weights, CpuRunnerOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.PageCount, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.HostPageCount, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxRows, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxTokens, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxSequences, 1, nameof(options));
        Model = weights.Config;
        Info = new RunnerInfo
        {
            DeviceName = $"CPU, {options.Threads} threads, {Instructions}",
            MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            PageCount = options.PageCount,
            PageBytes = KvPages.PageBytesOf(Model),
            HostPageCount = options.HostPageCount,
            MaxRows = options.MaxRows,
            MaxTokens = options.MaxTokens,
            QueueDepth = 1,
            Probes = true,
            Modes = new HashSet<PhaseMode> { PhaseMode.Adaptive, PhaseMode.Serial, PhaseMode.Chunked, PhaseMode.Streams },
        };
        team = new ThreadTeam(options.Threads);
        try
        {
            pages = new KvPages(Model, options.PageCount, pageArena);
            hostPages = new KvPages(Model, options.HostPageCount, pageArena);
            var readable = new CpuWeights(weights, weightArena);
            lanes = [.. Enum.GetValues<Lane>().Select(lane => new ForwardPass(lane, readable, pages, team, laneArena, options))];
        }
        catch
        {
            Dispose();
            throw;
        }
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

    /// <summary>Copies on the calling thread.</summary>
    public void Copy(CopyDirection direction, ReadOnlySpan<PageCopy> copies)
    {
        foreach (var (page, hostPage) in copies)
        {
            if (direction == CopyDirection.Out) pages.Bytes(page.Value).CopyTo(hostPages.Bytes(hostPage.Value));
            else hostPages.Bytes(hostPage.Value).CopyTo(pages.Bytes(page.Value));
        }
    }

    /// <summary>No step may be running.</summary>
    public void Dispose()
    {
        team.Dispose();
        weightArena.Dispose();
        pageArena.Dispose();
        laneArena.Dispose();
    }

    /// <summary>Sets all pages and arenas, so that tests see what is read before it is written.</summary>
    internal void Poison(float value)
    {
        pageArena.Poison(value);
        laneArena.Poison(value);
    }
}
