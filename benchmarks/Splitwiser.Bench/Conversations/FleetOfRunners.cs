using Splitwiser.Gpu;
using Splitwiser.Gpu.Cpu;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Grains;
using Splitwiser.Models;

namespace Splitwiser.Bench.Conversations;

/// <summary>Runners that outlive the silos which serve on them: weights are loaded once.</summary>
internal sealed class FleetOfRunners : IDisposable
{
    private const int MaxSequences = 64;
    private readonly List<IModelRunner> runners = [];
    private DecoderWeights? weights;

    private FleetOfRunners(ModelFolder folder, string? hardware) => (Model, Hardware) = (ServedModel.From(folder), hardware);

    public ServedModel Model { get; }

    /// <summary>The card's name; null for the CPU.</summary>
    public string? Hardware { get; }

    public int Count => runners.Count;

    /// <summary>Null, with the reason, when there are not so many GPUs.</summary>
    public static FleetOfRunners? TryOpen(string model, bool random, bool cuda, int count, int pages, int threads, out string problem)
    {
        problem = "";
        var folder = ModelFolder.Open(model);
        IReadOnlyList<CudaDevice> gpus = cuda ? CudaDevice.Find(out problem) : [];
        if (cuda && gpus.Count < count)
        {
            problem = gpus.Count == 0 ? problem : $"There are {gpus.Count} GPUs, and not {count}.";
            return null;
        }

        var fleet = new FleetOfRunners(folder, cuda ? gpus[0].Name : null);
        var weights = random ? folder.RandomWeights(0) : cuda ? folder.MapWeights() : folder.LoadWeights();
        for (var index = 0; index < count; index++)
        {
            fleet.runners.Add(cuda
                ? CudaRunner.Create(gpus[index], weights, new CudaRunnerOptions { PageCount = pages, MaxRows = MaxSequences, MaxTokens = 8192, MaxSequences = MaxSequences, MaxModelLength = folder.Config.MaxPositions })
                : new CpuRunner(weights, new CpuRunnerOptions { Threads = threads, PageCount = pages, MaxRows = MaxSequences, MaxTokens = 512, MaxSequences = MaxSequences }));
        }

        if (cuda) weights.Dispose(); // each has its copy
        else fleet.weights = weights;
        return fleet;
    }

    /// <summary>A runner for one silo's life.</summary>
    public IModelRunner Lend(int index) => new Lent(runners[index]);

    public void Dispose()
    {
        foreach (var runner in runners) runner.Dispose();
        weights?.Dispose();
    }

    private sealed class Lent(IModelRunner runner) : IModelRunner
    {
        public ModelConfig Model => runner.Model;

        public RunnerInfo Info => runner.Info;

        public StepResult Run(Lane lane, StepPlan plan) => runner.Run(lane, plan);

        public void Copy(Gpu.Kv.CopyDirection direction, ReadOnlySpan<Gpu.Kv.PageCopy> copies) => runner.Copy(direction, copies);

        /// <summary>The silo gives it back: it stays open for the next one.</summary>
        public void Dispose()
        {
        }
    }
}
