using Microsoft.Extensions.Logging.Abstractions;
using Splitwiser.Gpu;
using Splitwiser.Gpu.Cpu;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models;

namespace Splitwiser.Bench;

/// <summary>The working set without a cache, with the device's own, and with main memory behind it: one after the other on the same runner.</summary>
internal sealed class CacheBench(CudaDevice? gpu, CachePlan plan)
{
    private const int MaxSequences = 64;

    private readonly ModelFolder folder = ModelFolder.Open(plan.Shape);
    private readonly List<Figure> figures = [];

    public async Task<List<Figure>> Measure(CancellationToken ct)
    {
        using var weights = Weights(ct);
        using var runner = Open(weights);
        if (gpu is not null) weights.Dispose();     // it has its copy
        var pages = runner.Info.PageCount;
        Add("pool", pages, "pages");
        Add("main memory behind it", runner.Info.HostPageCount, "pages");
        Add("page", runner.Info.PageBytes, "bytes");
        Add("prompts of the working set", plan.Prompts(pages), "prompts");
        Add("shared beginning of each", plan.SharedTokens, "tokens");

        await Run(runner, CacheWay.Device, plan.Warming, ct);
        Dictionary<CacheWay, CacheRun> runs = [];
        foreach (var way in plan.Ways)
        {
            runs[way] = await Run(runner, way, plan, ct);
            Report(way, runs[way]);
        }

        Compare(runs, CacheWay.None, CacheWay.Device);
        Compare(runs, CacheWay.None, CacheWay.Host);
        Compare(runs, CacheWay.Device, CacheWay.Host);
        return figures;
    }

    private static string NameOf(CacheWay way) => way switch
    {
        CacheWay.None => "no prefix cache",
        CacheWay.Device => "device pages alone",
        _ => "main memory behind them",
    };

    private DecoderWeights Weights(CancellationToken ct) =>
        !Directory.EnumerateFiles(folder.Path, "*.safetensors").Any() ? folder.RandomWeights(seed: 1, ct: ct) : gpu is null ? folder.LoadWeights(ct: ct) : folder.MapWeights();

    private IModelRunner Open(DecoderWeights weights)
    {
        var pageBytes = gpu is null ? CpuRunner.PageBytesOf(folder.Config) : CudaRunner.PageBytesOf(folder.Config);
        var pages = plan.Pages ?? (int)(plan.PoolBytes!.Value / pageBytes);
        var hostPages = plan.Ways.Contains(CacheWay.Host) ? (int)Math.Ceiling(plan.HostTimes * pages) : 0;
        return gpu is null
            ? new CpuRunner(weights, new CpuRunnerOptions { Threads = plan.Threads, PageCount = pages, HostPageCount = hostPages, MaxRows = MaxSequences, MaxTokens = 512, MaxSequences = MaxSequences })
            : CudaRunner.Create(gpu, weights, new CudaRunnerOptions { MaxModelLength = ModelLength, PageCount = pages, HostPageCount = hostPages, MaxRows = MaxSequences, MaxTokens = 8192, MaxSequences = MaxSequences, BatchInvariant = plan.BatchInvariant });
    }

    private int ModelLength => Math.Min(folder.Config.MaxPositions, Math.Max(512, plan.Prompt + plan.Output + 1));

    private async Task<CacheRun> Run(IModelRunner runner, CacheWay way, CachePlan what, CancellationToken ct)
    {
        var options = new DeviceOptions
        {
            MaxModelLength = ModelLength, MaxSequences = MaxSequences, MaxBatchedTokens = runner.Info.MaxTokens, QueueLimit = 4096,
            PrefixCaching = way != CacheWay.None, HostPages = way == CacheWay.Host ? runner.Info.HostPageCount : 0,
        };
        await using var worker = new DeviceWorker(runner, options, TimeProvider.System, NullLogger<DeviceWorker>.Instance);
        var run = await new CacheRun(worker, what).Measure(ct);
        await worker.Drain(ct);
        if (worker.Pages.Leased != 0) throw new InvalidOperationException($"{worker.Pages.Leased} pages leaked.");
        worker.CheckInvariants();
        return run;
    }

    private void Report(CacheWay way, CacheRun run)
    {
        var name = NameOf(way);
        Add($"{name}: hits, of what an infinite cache would have", 100 * run.HitShare, "%");
        Add($"{name}: first token, median", 1e3 * run.MedianFirst, "ms");
        Add($"{name}: first token, p99", 1e3 * run.P99First, "ms");
        if (plan.Streams > 0)
        {
            Add($"{name}: between tokens, median", 1e3 * run.MedianGap, "ms");
            Add($"{name}: between tokens, p99", 1e3 * run.P99Gap, "ms");
        }

        Add($"{name}: all prompts, {plan.Rounds} times", run.Seconds, "s");
        if (way != CacheWay.Host) return;
        Add($"{name}: hits from main memory, of what an infinite cache would have", 100 * run.HostHitShare, "%");
        Add($"{name}: pages copied out", run.PagesOut, "pages");
        Add($"{name}: pages copied in", run.PagesIn, "pages");
    }

    private void Compare(Dictionary<CacheWay, CacheRun> runs, CacheWay without, CacheWay with)
    {
        if (!runs.TryGetValue(without, out var less) || !runs.TryGetValue(with, out var more)) return;
        var names = $"{NameOf(without)} / {NameOf(with)}";
        Add($"median time to the first token, {names}", less.MedianFirst / more.MedianFirst, "times");
        if (plan.Streams > 0) Add($"p99 between tokens, {NameOf(with)} / {NameOf(without)}", more.P99Gap / less.P99Gap, "times");
        Add($"answers whose tokens differ, {names}", Differing(less, more), $"of {more.Answers.Sum(rounds => rounds.Length)} answers");
    }

    private static int Differing(CacheRun one, CacheRun other) =>
        one.Answers.SelectMany(rounds => rounds).Zip(other.Answers.SelectMany(rounds => rounds)).Count(pair => !pair.First.AsSpan().SequenceEqual(pair.Second));

    private void Add(string name, double value, string unit)
    {
        figures.Add(new Figure(name, value, unit));
        Console.WriteLine($"{name,-70} {value,12:0.00} {unit}");
    }
}
