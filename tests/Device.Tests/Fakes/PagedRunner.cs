using System.Collections.Concurrent;
using Splitwiser.Gpu;
using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models;

namespace Splitwiser.Device.Tests;

/// <summary>
/// A runner that computes nothing but shows every misuse of pages: it writes each token into its page and samples the next one from
/// a hash of all tokens before it, read back through the page table. Whoever loses, shares or reuses a page wrongly gets other tokens.
/// A queue deeper than one step executes as late as it may, so that a page given back too early has a new owner by then.
/// </summary>
internal sealed class PagedRunner : IModelRunner
{
    private readonly PagedModel model;
    private readonly long[] cells;                                  // (pages, 32) position and token, as one number
    private readonly long[] hostCells;                              // (host pages, 32)
    private readonly Dictionary<Lane, PagedLane> lanes;
    private readonly Lock gate = new();

    public const int MaxTopLogprobs = 32;

    public PagedRunner(int pageCount = 64, int queueDepth = 1, int maxRows = 16, int maxTokens = 256, int vocabulary = 1000, int layers = 1, int hostPageCount = 0, params PhaseMode[] modes)
    {
        model = new PagedModel(vocabulary, layers);
        cells = new long[pageCount * PageId.Size];
        hostCells = new long[hostPageCount * PageId.Size];
        Array.Fill(cells, -1);
        Array.Fill(hostCells, -1);
        lanes = Enum.GetValues<Lane>().ToDictionary(lane => lane, _ => new PagedLane(this, queueDepth));
        Info = new RunnerInfo
        {
            DeviceName = "pages without arithmetic",
            PageCount = pageCount,
            PageBytes = PageId.Size * sizeof(long),
            HostPageCount = hostPageCount,
            MaxRows = maxRows,
            MaxTokens = maxTokens,
            QueueDepth = queueDepth,
            MaxTopLogprobs = MaxTopLogprobs,
            Multiprocessors = Processors,
            Splits = modes.Length == 0 || modes.Contains(PhaseMode.Partition) ? [new SmSplit(4, 12), new SmSplit(8, 8)] : [],
            Modes = modes.Length > 0 ? modes.ToHashSet() : [PhaseMode.Adaptive, PhaseMode.Serial, PhaseMode.Chunked, PhaseMode.Streams, PhaseMode.Partition],
        };
    }

    public const int Processors = 16;

    public ModelConfig Model => model.Config;

    public RunnerInfo Info { get; }

    /// <summary>Called on the lane's thread before each step is launched; may block, or throw to fail the device.</summary>
    public Action<Lane, StepPlan>? OnRun { get; set; }

    /// <summary>Called on the lane's thread while it waits for a step; may block or throw.</summary>
    public Action<Lane>? OnWait { get; set; }

    /// <summary>Called on the copying thread before copies are made; may block or throw.</summary>
    public Action<CopyDirection, PageCopy[]>? OnCopy { get; set; }

    /// <summary>What a step costs, for policies that measure.</summary>
    public Func<Lane, StepPlan, TimeSpan> Cost { get; set; } = (_, _) => TimeSpan.FromMilliseconds(1);

    /// <summary>Broken rules of the seam, in words. A test asserts that there are none.</summary>
    public ConcurrentQueue<string> Misuses { get; } = new();

    public StepResult Run(Lane lane, StepPlan plan)
    {
        OnRun?.Invoke(lane, plan);
        return lanes[lane].Launch(lane, plan);
    }

    public void Copy(CopyDirection direction, ReadOnlySpan<PageCopy> copies)
    {
        OnCopy?.Invoke(direction, copies.ToArray());
        lock (gate)
        {
            foreach (var (page, hostPage) in copies)
            {
                var device = cells.AsSpan(page.Value * PageId.Size, PageId.Size);
                var host = hostCells.AsSpan(hostPage.Value * PageId.Size, PageId.Size);
                var from = direction == CopyDirection.Out ? device : host;
                if (from.Contains(-1)) Misuses.Enqueue($"{direction} copies {page} or {hostPage}, which was never written whole");
                from.CopyTo(direction == CopyDirection.Out ? host : device);
            }
        }
    }

    public void Dispose()
    {
    }

    internal PagedModel Tokens => model;

    internal void Execute(PagedStep step)
    {
        lock (gate) step.Execute(cells);
    }
}
