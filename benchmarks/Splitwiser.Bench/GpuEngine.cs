using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Phases;
using Splitwiser.Grains;
using Splitwiser.Models;

namespace Splitwiser.Bench;

/// <summary>What to run on the GPU.</summary>
/// <param name="Modes">The first runs bare and through the grains, in turn; the others bare.</param>
internal sealed record GpuEnginePlan(string Shape, IReadOnlyList<Workload> Workloads, IReadOnlyList<PhaseMode> Modes, int Runs, int MaxSequences, int MaxBatchedTokens, double ItlTarget)
{
    /// <summary>The least multiprocessors of decode in partition mode; null for a quarter of them.</summary>
    public int? DecodeProcessors { get; init; }

    /// <summary>In a split, decode has its own part; otherwise only prefill is confined.</summary>
    public bool ConfinesDecode { get; init; } = true;
}

/// <summary>
/// Workloads on the device engine with random weights: straight into the device worker and through the grains of a silo in this
/// process, beside the card's own limits of the same run.
/// </summary>
internal sealed class GpuEngine(CudaDevice device, GpuEnginePlan plan)
{
    private readonly ModelFolder folder = ModelFolder.Open(plan.Shape);
    private readonly List<KernelFigure> figures = [];
    private bool grainsAreWarm;

    public async Task<List<KernelFigure>> Measure(CancellationToken ct)
    {
        using var context = new CudaContext(device);
        MeasureLimits();
        using var runner = OpenRunner(ct);
        foreach (var workload in plan.Workloads)
            foreach (var mode in plan.Modes.Skip(1)) await BareOnly(runner, workload, mode, ct);
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.UseOrleans(silo => silo.UseLocalhostClustering().AddSplitwiserGrains(_ => new DeviceSet(ServedModel.From(folder, maxModelLength: ModelLength), 1, _ => Open(runner, plan.Modes[0]))));
        using var host = builder.Build();
        await host.StartAsync(ct);
        try
        {
            foreach (var workload in plan.Workloads) await InTurn(host.Services, workload, ct);
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }
        return figures;
    }

    private int ModelLength => Math.Min(folder.Config.MaxPositions, Math.Max(2048, plan.Workloads.Max(workload => workload.LongestSequence) + 1));

    private void MeasureLimits()
    {
        using var clock = new KernelClock(device, 5);
        using var limits = new KernelLimits(clock);
        Add("read rate", limits.BytesPerSecond / 1e9, "GB/s", 100, "%");
        Add("matrix rate, 8192^3", limits.OperationsPerSecond / 1e12, "TFLOP/s", 100, "%");
    }

    private CudaRunner OpenRunner(CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        using var weights = folder.RandomWeights(seed: 1, ct: ct);
        Add("random weights", Stopwatch.GetElapsedTime(started).TotalSeconds, "s", weights.ByteCount / 1e9, "GB");
        started = Stopwatch.GetTimestamp();
        var runner = CudaRunner.Create(device, weights, new CudaRunnerOptions
        {
            MaxModelLength = ModelLength, MaxRows = plan.MaxSequences, MaxSequences = plan.MaxSequences, MaxTokens = plan.MaxBatchedTokens,
            Splits = plan.Modes.Any(mode => mode is PhaseMode.Adaptive or PhaseMode.Partition) ? null : [], ConfinesDecode = plan.ConfinesDecode,
        });
        if (runner.Info.SplitProblem is { } problem) Console.WriteLine($"No splits: {problem}");
        Add("runner ready", Stopwatch.GetElapsedTime(started).TotalSeconds, "s", runner.Info.PageCount, "pages");
        return runner;
    }

    private DeviceWorker Open(CudaRunner runner, PhaseMode mode) => new(runner, new DeviceOptions
    {
        Mode = mode, MaxModelLength = ModelLength, MaxSequences = plan.MaxSequences, MaxBatchedTokens = plan.MaxBatchedTokens, QueueLimit = 4096,
        PrefixCaching = false, ItlTarget = TimeSpan.FromMilliseconds(plan.ItlTarget), DecodeProcessors = plan.DecodeProcessors,
    }, TimeProvider.System, NullLogger<DeviceWorker>.Instance);

    private async Task BareOnly(CudaRunner runner, Workload workload, PhaseMode mode, CancellationToken ct)
    {
        await using var worker = Open(runner, mode);
        var requests = workload.Draw(folder.Config.VocabularySize);
        List<WorkloadRun> runs = [];
        for (var run = 0; run <= plan.Runs; run++)      // the first only warms
        {
            runs.Add(await WorkloadRun.Bare(worker, requests, ct));
            Tell(workload, mode, run, "bare worker", runs[^1]);
        }
        Report($"{workload.Description}, {mode}, bare worker", runs.Skip(1));
    }

    /// <summary>Bare and through grains in turn, on the same worker, so that the card's drift meets both.</summary>
    private async Task InTurn(IServiceProvider services, Workload workload, CancellationToken ct)
    {
        var (worker, grains, mode) = (services.GetRequiredService<LocalDevices>()[0], services.GetRequiredService<IGrainFactory>(), plan.Modes[0]);
        var requests = workload.Draw(folder.Config.VocabularySize);
        List<WorkloadRun> bare = [], through = [];
        for (var run = 0; run <= plan.Runs; run++)
        {
            bare.Add(await WorkloadRun.Bare(worker, requests, ct));
            Tell(workload, mode, run, "bare worker", bare[^1]);
            if (run == 0 && grainsAreWarm) continue;    // by an earlier workload; the card's graphs are warm by the bare run
            through.Add(await WorkloadRun.ThroughGrains(grains, [worker], requests, ct));
            Tell(workload, mode, run, "through grains", through[^1]);
        }
        if (!grainsAreWarm) through.RemoveAt(0);
        grainsAreWarm = true;
        bare.RemoveAt(0);
        Report($"{workload.Description}, {mode}, bare worker", bare);
        Report($"{workload.Description}, {mode}, through grains", through);
        Add($"{workload.Name}: cost of the actor layer, median of pairs", Median.Of(bare.Zip(through).Select(pair => (pair.Second.Seconds / pair.First.Seconds - 1) * 100)), "%", plan.Runs, "pairs");
        if (worker.Pages.Leased != 0) throw new InvalidOperationException($"{worker.Pages.Leased} pages leaked.");
    }

    private void Report(string name, IEnumerable<WorkloadRun> measured)
    {
        var runs = measured.ToArray();
        Add(name, Median.Of(runs.Select(run => run.Seconds)), "s", Median.Of(runs.Select(run => run.TokensPerSecond)), "output tokens/s");
        Add($"{name}: all requests at the device after", Median.Of(runs.Select(run => run.Arrival)) * 1e3, "ms", runs.Length, "runs");
        Add($"{name}: first token, median and last", Median.Of(runs.Select(run => run.MedianFirst)) * 1e3, "ms", Median.Of(runs.Select(run => run.LastFirst)) * 1e3, "ms");
        Add($"{name}: time between tokens, median and worst", Median.Of(runs.Select(run => run.GapPercentile(0.5))) * 1e3, "ms", Median.Of(runs.Select(run => run.GapPercentile(1))) * 1e3, "ms");
    }

    private void Tell(Workload workload, PhaseMode mode, int run, string way, WorkloadRun measured) =>
        Console.WriteLine($"  {workload.Name}, {mode}, {(run == 0 ? "warming" : $"run {run} of {plan.Runs}")}, {way}: {measured.Seconds:0.000} s, {measured.TokensPerSecond:0} tok/s");

    private void Add(string name, double value, string unit, double rate, string rateUnit)
    {
        figures.Add(new KernelFigure(name, value, unit, rate, rateUnit));
        Console.WriteLine($"{name,-90} {value,10:0.00} {unit,-8} {rate,10:0.0} {rateUnit}");
    }
}
