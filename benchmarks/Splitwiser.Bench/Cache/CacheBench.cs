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
        // Weights may be the folder's own (the demo model) or random (a folder with a config alone).
        var hasWeights = Directory.EnumerateFiles(folder.Path, "*.safetensors").Any();
        using var weights = hasWeights ? folder.LoadWeights(null, ct) : folder.RandomWeights(seed: 1, ct: ct);
        using var runner = Open(weights);
        var pages = runner.Info.PageCount;
        Add("pool", pages, "pages");
        Add("main memory behind it", runner.Info.HostPageCount, "pages");
        Add("page", runner.Info.PageBytes, "bytes");
        Add("prompts of the working set", plan.Prompts(pages), "prompts");
        Add("shared beginning of each", plan.SharedTokens, "tokens");

        await Run(runner, "warming", caching: true, hostPages: 0, report: false, ct);
        var none = await Run(runner, "no prefix cache", caching: false, hostPages: 0, report: true, ct);
        var device = await Run(runner, "device pages alone", caching: true, hostPages: 0, report: true, ct);
        var tier = await Run(runner, "main memory behind them", caching: true, runner.Info.HostPageCount, report: true, ct);
        Add("time to the first token, without a cache / with main memory", none.MedianFirst / tier.MedianFirst, "times");
        Add("p99 between tokens, main memory / device pages alone", tier.P99Gap / device.P99Gap, "times");
        Add("p99 between tokens, main memory / no prefix cache", tier.P99Gap / none.P99Gap, "times");
        Add("answers whose tokens differ, device pages alone / no prefix cache", Differing(none, device), "answers");
        Add("answers whose tokens differ, main memory / no prefix cache", Differing(none, tier), "answers");
        return figures;
    }

    private IModelRunner Open(DecoderWeights weights)
    {
        var pageBytes = gpu is null ? CpuRunner.PageBytesOf(folder.Config) : CudaRunner.PageBytesOf(folder.Config);
        var pages = plan.Pages ?? (int)(plan.PoolBytes!.Value / pageBytes);
        var hostPages = (int)Math.Ceiling(plan.HostTimes * pages);
        return gpu is null
            ? new CpuRunner(weights, new CpuRunnerOptions { Threads = plan.Threads, PageCount = pages, HostPageCount = hostPages, MaxRows = MaxSequences, MaxTokens = 512, MaxSequences = MaxSequences })
            : CudaRunner.Create(gpu, weights, new CudaRunnerOptions { MaxModelLength = ModelLength, PageCount = pages, HostPageCount = hostPages, MaxRows = MaxSequences, MaxTokens = 8192, MaxSequences = MaxSequences });
    }

    private int ModelLength => Math.Min(folder.Config.MaxPositions, Math.Max(512, plan.Prompt + plan.Output + 1));

    private async Task<CacheRun> Run(IModelRunner runner, string name, bool caching, int hostPages, bool report, CancellationToken ct)
    {
        var options = new DeviceOptions
        {
            MaxModelLength = ModelLength, MaxSequences = MaxSequences, MaxBatchedTokens = runner.Info.MaxTokens, QueueLimit = 4096, PrefixCaching = caching, HostPages = hostPages,
        };
        await using var worker = new DeviceWorker(runner, options, TimeProvider.System, NullLogger<DeviceWorker>.Instance);
        var run = await new CacheRun(worker, report ? plan : plan with { Rounds = 1 }).Measure(ct);
        await worker.Drain(ct);
        if (worker.Pages.Leased != 0) throw new InvalidOperationException($"{worker.Pages.Leased} pages leaked.");
        worker.CheckInvariants();
        if (!report) return run;
        Add($"{name}: hits, of what an infinite cache would have", 100 * run.HitShare, "%");
        Add($"{name}: of them from main memory", 100 * run.HostHitShare, "%");
        Add($"{name}: first token, median", 1e3 * run.MedianFirst, "ms");
        Add($"{name}: first token, p99", 1e3 * run.P99First, "ms");
        Add($"{name}: between tokens, median", 1e3 * run.MedianGap, "ms");
        Add($"{name}: between tokens, p99", 1e3 * run.P99Gap, "ms");
        Add($"{name}: all prompts, {plan.Rounds} times", run.Seconds, "s");
        if (hostPages == 0) return run;
        Add($"{name}: pages copied out", run.PagesOut, "pages");
        Add($"{name}: pages copied in", run.PagesIn, "pages");
        return run;
    }

    private static int Differing(CacheRun one, CacheRun other) =>
        one.Answers.SelectMany(rounds => rounds).Zip(other.Answers.SelectMany(rounds => rounds)).Count(pair => !pair.First.AsSpan().SequenceEqual(pair.Second));

    private void Add(string name, double value, string unit)
    {
        figures.Add(new Figure(name, value, unit));
        Console.WriteLine($"{name,-70} {value,12:0.00} {unit}");
    }
}
