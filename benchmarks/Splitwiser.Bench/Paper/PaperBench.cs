using Microsoft.Extensions.Logging.Abstractions;
using Splitwiser.Bench.Devices;
using Splitwiser.Gpu.Phases;

namespace Splitwiser.Bench.Paper;

/// <summary>The ways that run in this process: the paper's batches, the best batch in turns, and the phases side by side.</summary>
internal sealed class PaperBench(BenchDevice device, PaperPlan plan)
{
    private readonly StepWatch watch = new(device.Runner);
    private readonly IReadOnlyList<PhaseMode> modes = plan.Modes.Count > 0 ? plan.Modes : [.. device.Runner.Info.Modes.Where(mode => mode != PhaseMode.Serial).Order()];

    /// <summary>The same prompts every time.</summary>
    /// <param name="part">Of so many parts; 0 for the first.</param>
    public static int[][] Prompts(PaperPlan plan, int vocabulary, int part = 0, int parts = 1)
    {
        var random = new Random(1);
        var all = Enumerable.Range(0, plan.Requests).Select(_ => Enumerable.Range(0, plan.Prompt).Select(_ => random.Next(vocabulary)).ToArray()).ToArray();
        return [.. all.Where((_, i) => i * parts / plan.Requests == part)];
    }

    public async Task<IReadOnlyList<PaperSeries>> Measure(CancellationToken ct)
    {
        var prompts = Prompts(plan, device.Runner.Model.VocabularySize);
        List<PaperSeries> series = [];
        foreach (var output in plan.Outputs) series.Add(await Measure(prompts, output, ct));
        return series;
    }

    /// <summary>A worker of this workload.</summary>
    public static DeviceWorker Open(BenchDevice device, StepWatch watch, PaperPlan plan, PhaseMode mode, int batch, int stepTokens) => new(watch, new DeviceOptions
    {
        Mode = mode, MaxModelLength = plan.ModelLength, MaxSequences = batch, MaxBatchedTokens = Math.Max(stepTokens, batch + 1), PrefillSlice = stepTokens, QueueLimit = plan.Requests, PrefixCaching = false,
        ItlTarget = TimeSpan.FromMilliseconds(plan.ItlTargetMs),
    }, TimeProvider.System, NullLogger<DeviceWorker>.Instance);

    private async Task<PaperSeries> Measure(int[][] prompts, int output, CancellationToken ct)
    {
        var pages = device.Runner.Info.PageCount;
        var tuned = await Tune(prompts, output, ct);
        Way[] ways =
        [
            new($"batches of {plan.PaperBatch}", PhaseMode.Serial, PaperSizes.Fitting(plan.PaperBatch, pages, plan.Prompt, output), plan.PaperBatch * plan.Prompt, plan.PaperBatch),
            new($"turns, {tuned} at a time", PhaseMode.Serial, tuned, plan.StepTokens, prompts.Length),
            .. modes.Select(mode => new Way($"{mode}, {tuned} at a time", mode, tuned, plan.StepTokens, prompts.Length)),
        ];
        var runs = ways.ToDictionary(way => way, _ => new List<PaperRun>());
        for (var run = 1; run <= plan.Runs; run++)
            foreach (var way in ways) runs[way].Add(await Run(way, prompts, output, $"{run} of {plan.Runs}", ct));

        var memory = device.MemoryInUse;
        var medians = ways.Select(way => PaperRun.MedianOf(runs[way])).ToArray();
        var limit = OverlapLimit.Of(medians[1].Prefill, medians[1].Decode);
        return new PaperSeries(output, tuned, limit,
            [.. ways.Select((way, i) => PaperResult.Of(way.Name, output, medians[i], prompts.Length, memory)).Select((result, i) => i < 2 ? result : result.Against(medians[1].Seconds, limit))]);
    }

    /// <summary>The most sequences at a time with which taking turns is fastest. Warms the device, too.</summary>
    private async Task<int> Tune(int[][] prompts, int output, CancellationToken ct)
    {
        var batches = plan.Batches.Select(batch => PaperSizes.Fitting(Math.Min(batch, prompts.Length), device.Runner.Info.PageCount, plan.Prompt, output)).Distinct().ToArray();
        List<(int Batch, double Seconds)> tried = [];
        foreach (var batch in batches)
        {
            var way = new Way($"turns, {batch} at a time", PhaseMode.Serial, batch, plan.StepTokens, prompts.Length);
            if (tried.Count == 0) await Run(way, prompts, output, "warming", ct);
            tried.Add((batch, (await Run(way, prompts, output, "tuning", ct)).Seconds));
        }

        return tried.MinBy(run => run.Seconds).Batch;
    }

    private async Task<PaperRun> Run(Way way, int[][] prompts, int output, string when, CancellationToken ct)
    {
        await using var worker = Open(device, watch, plan, way.Mode, way.Batch, way.StepTokens);
        var run = await PaperRun.Measure(device, watch, worker, prompts, output, way.Group, ct);
        Console.WriteLine($"  {plan.Prompt} in, {output} out, {when}, {way.Name}: {run.Seconds:0.000} s, {run.Tokens / run.Seconds:0} tok/s");
        return run;
    }

    /// <param name="Batch">Most sequences at a time.</param>
    /// <param name="Group">Prompts that are submitted at a time.</param>
    private sealed record Way(string Name, PhaseMode Mode, int Batch, int StepTokens, int Group);
}
