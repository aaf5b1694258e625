using System.Diagnostics;
using Splitwiser.Gpu;
using Splitwiser.Gpu.Cpu;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Models;

namespace Splitwiser.Bench.Devices;

/// <summary>A model on the device that a benchmark runs on.</summary>
internal sealed class BenchDevice : IDisposable
{
    private readonly DecoderWeights? weights;      // the CPU computes with them; a GPU has its own copy
    private readonly CudaContext? context;

    private BenchDevice(ModelFolder folder, IModelRunner runner, StepWork work, DecoderWeights? weights, CudaContext? context) =>
        (Folder, Runner, Work, this.weights, this.context) = (folder, runner, work, weights, context);

    public ModelFolder Folder { get; }
    public IModelRunner Runner { get; }

    /// <summary>What its steps move and compute.</summary>
    public StepWork Work { get; }

    public bool IsGpu => context is not null;

    /// <summary>What results name as the hardware.</summary>
    public string Hardware => IsGpu ? Runner.Info.DeviceName : ResultFile.Hardware();

    /// <summary>Bytes of the card's memory that are taken, by whomever; on the CPU what this process has beside mapped files.</summary>
    public long MemoryInUse
    {
        get
        {
            if (context is null) return ProcessMemory.OfThisProcess;
            context.MakeCurrent();
            var (free, total) = context.Memory;
            return total - free;
        }
    }

    /// <exception cref="BenchException">--device cuda, and there is no GPU that can serve the model.</exception>
    public static BenchDevice Open(DevicePlan plan, RunnerSizes sizes, CancellationToken ct)
    {
        var folder = ModelFolder.Open(plan.Config);
        var started = Stopwatch.GetTimestamp();
        var device = Gpu(plan, folder.Config);
        var weights = plan.RandomWeights ? folder.RandomWeights(seed: 1, ct: ct) : device is null ? folder.LoadWeights(ct: ct) : folder.MapWeights();
        var work = StepWork.Of(weights);
        try
        {
            var opened = device is null ? OnCpu(plan, folder, weights, work, sizes) : OnGpu(device, folder, weights, work, sizes);
            Console.WriteLine($"{opened.Runner.Info.DeviceName}: {folder.Name}, {weights.ByteCount / 1e9:0.00} GB of weights, {opened.Runner.Info.PageCount} pages, ready after {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s");
            return opened;
        }
        finally
        {
            if (device is not null) weights.Dispose();
        }
    }

    public void Dispose()
    {
        Runner.Dispose();
        context?.Dispose();
        weights?.Dispose();
    }

    private static CudaDevice? Gpu(DevicePlan plan, ModelConfig model)
    {
        if (plan.Kind == "cpu") return null;
        var found = CudaDevice.Find(out var explanation);
        if (found.Count > 0 && CudaRunner.Covers(model, out explanation)) return found[0];
        return plan.Kind == "auto" ? null : throw new BenchException($"--device cuda: {explanation}");
    }

    private static BenchDevice OnCpu(DevicePlan plan, ModelFolder folder, DecoderWeights weights, StepWork work, RunnerSizes sizes)
    {
        var runner = new CpuRunner(weights, new CpuRunnerOptions { Threads = plan.Threads, PageCount = sizes.Pages, MaxRows = sizes.Sequences, MaxTokens = sizes.StepTokens, MaxSequences = sizes.Sequences });
        return new BenchDevice(folder, runner, work with { PageBytes = runner.Info.PageBytes }, weights, null);
    }

    private static BenchDevice OnGpu(CudaDevice device, ModelFolder folder, DecoderWeights weights, StepWork work, RunnerSizes sizes)
    {
        var runner = CudaRunner.Create(device, weights, new CudaRunnerOptions { PageCount = sizes.FillsGpu ? null : sizes.Pages, MaxModelLength = sizes.ModelLength, MaxRows = sizes.Sequences, MaxSequences = sizes.Sequences, MaxTokens = sizes.StepTokens, Splits = null });
        if (runner.Info.SplitProblem is { } problem) Console.WriteLine($"No splits: {problem}");
        return new BenchDevice(folder, runner, work with { PageBytes = runner.Info.PageBytes }, null, new CudaContext(device));
    }
}
