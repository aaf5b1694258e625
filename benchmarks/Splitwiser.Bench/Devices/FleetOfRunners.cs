using System.Diagnostics;
using Splitwiser.Gpu;
using Splitwiser.Gpu.Cpu;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Gpu.Kv;
using Splitwiser.Grains;
using Splitwiser.Models;

namespace Splitwiser.Bench.Devices;

/// <summary>Runners that outlive the silos which serve on them: weights are loaded once.</summary>
internal sealed class FleetOfRunners : IDisposable
{
    private readonly List<IModelRunner> runners = [];
    private DecoderWeights? weights;            // the CPU computes with them; each GPU has its own copy

    private FleetOfRunners(FleetPlan plan, ModelFolder folder, string? card) =>
        (Plan, Model, Hardware) = (plan, ServedModel.From(folder, maxModelLength: Math.Min(plan.ModelLength ?? int.MaxValue, folder.Config.MaxPositions)), card);

    public FleetPlan Plan { get; }

    public ServedModel Model { get; }

    /// <summary>How many of which card; null for the CPU.</summary>
    public string? Hardware { get; }

    public int Count => runners.Count;

    /// <exception cref="BenchException">A GPU that was named is not there, or can't serve the model.</exception>
    public static FleetOfRunners Open(FleetPlan plan, CancellationToken ct)
    {
        var folder = ModelFolder.Open(plan.Model);
        var gpus = plan.Cuda ? Gpus(plan, folder.Config) : [];
        var fleet = new FleetOfRunners(plan, folder, plan.Cuda ? $"{gpus.Count} x {gpus[0].Name}" : null);
        try
        {
            fleet.Load(folder, gpus, ct);
            return fleet;
        }
        catch
        {
            fleet.Dispose();
            throw;
        }
    }

    /// <summary>A runner for one silo's life.</summary>
    public IModelRunner Lend(int index) => new Lent(runners[index]);

    public void Dispose()
    {
        foreach (var runner in runners) runner.Dispose();
        weights?.Dispose();
    }

    private static IReadOnlyList<CudaDevice> Gpus(FleetPlan plan, ModelConfig model)
    {
        var found = CudaDevice.Find(out var explanation);
        if (found.Count == 0 || !CudaRunner.Covers(model, out explanation)) throw new BenchException($"--device cuda: {explanation}");
        return [.. plan.Numbers.Select(number => found.FirstOrDefault(gpu => gpu.Ordinal == number) ?? throw new BenchException($"--devices: there is no GPU {number}, there are {found.Count}."))];
    }

    private void Load(ModelFolder folder, IReadOnlyList<CudaDevice> gpus, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        weights = Plan.RandomWeights ? folder.RandomWeights(seed: 1, ct: ct) : Plan.Cuda ? folder.MapWeights() : folder.LoadWeights(ct: ct);
        Tell($"{weights.ByteCount / 1e9:0.00} GB of weights", started);
        for (var index = 0; index < Plan.Numbers.Count; index++)
        {
            ct.ThrowIfCancellationRequested();
            runners.Add(Plan.Cuda ? OnGpu(gpus[index], weights) : OnCpu(weights));
            Tell($"device {index}, {runners[^1].Info.PageCount} pages", started);
        }

        if (!Plan.Cuda) return;
        weights.Dispose();
        weights = null;
    }

    private CudaRunner OnGpu(CudaDevice gpu, DecoderWeights from) => CudaRunner.Create(gpu, from, new CudaRunnerOptions
    {
        PageCount = Plan.Pages, MaxRows = Plan.MaxSequences, MaxTokens = Plan.StepTokens, MaxSequences = Plan.MaxSequences, MaxModelLength = Model.MaxModelLength,
    });

    private CpuRunner OnCpu(DecoderWeights from) => new(from, new CpuRunnerOptions
    {
        Threads = Plan.Threads, PageCount = Plan.Pages ?? Plan.MaxSequences * PageId.CountFor(Model.MaxModelLength + 1), MaxRows = Plan.MaxSequences, MaxTokens = Plan.StepTokens, MaxSequences = Plan.MaxSequences,
    });

    private static void Tell(string what, long started) => Console.WriteLine($"{what}: ready after {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s");

    private sealed class Lent(IModelRunner runner) : IModelRunner
    {
        public ModelConfig Model => runner.Model;

        public RunnerInfo Info => runner.Info;

        public StepResult Run(Lane lane, StepPlan plan) => runner.Run(lane, plan);

        public void Copy(CopyDirection direction, ReadOnlySpan<PageCopy> copies) => runner.Copy(direction, copies);

        /// <summary>The silo gives it back: it stays open for the next one.</summary>
        public void Dispose()
        {
        }
    }
}
