using Splitwiser.Gpu.Phases;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cuda;

/// <summary>A decoder on an NVIDIA GPU: bf16 weights and pages, f32 accumulation.</summary>
public sealed class CudaRunner : IModelRunner
{
    private readonly CudaContext context;
    private readonly List<IDisposable> owned = [];      // in the order of making
    private readonly CudaLane[] lanes = new CudaLane[2];
    private readonly nint blas;

    private CudaRunner(CudaDevice device, DecoderWeights weights, CudaRunnerOptions options)
    {
        Model = weights.Config;
        context = new CudaContext(device);
        try
        {
            var kernels = Own(new ModelKernels(device, Model, options.KernelCache));
            Kernels = kernels;
            CublasLt.Check(CublasLt.cublasLtCreate(out blas));
            using var stream = new CudaStream();
            var uploaded = Own(new DeviceWeights(weights, stream));
            var turns = Model.Rope is { } rope ? Own(new RopeTurns(rope, Model.HeadSize, options.ModelLength(Model), stream)) : null;
            var arenaBytes = Arena.BytesFor(Model, options);
            var pages = Own(new KvPages(Model, options.PageCount ?? PagesThatFit(options, lanes.Length * arenaBytes), kernels.HopperAttention is not null));
            pages.Clear(stream);
            stream.Synchronize();
            var timed = options is { Tune: true, BatchInvariant: false } ? new TimedAlgorithms(device, options.KernelCache ?? KernelCompiler.DefaultCacheFolder) : null;
            for (var lane = 0; lane < lanes.Length; lane++)
                lanes[lane] = Own(new CudaLane((Lane)lane, context, Model, options, uploaded, pages, turns, kernels, blas, timed));
            Info = new RunnerInfo
            {
                DeviceName = device.Name,
                MemoryBytes = device.MemoryBytes,
                Multiprocessors = device.SmCount,
                PageCount = pages.Count,
                PageBytes = KvPages.PageBytes(Model),
                MaxRows = options.MaxRows,
                MaxTokens = options.MaxTokens,
                QueueDepth = options.QueueDepth,
                Probes = true,
                MaxTopLogprobs = SampleRecord.TopLimit,
                Modes = new HashSet<PhaseMode> { PhaseMode.Adaptive, PhaseMode.Serial, PhaseMode.Chunked, PhaseMode.Streams },
            };
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public ModelConfig Model { get; }
    public RunnerInfo Info { get; }
    internal ModelKernels Kernels { get; }

    /// <summary>Compiles the kernels or takes them from the cache, uploads the weights (which may be disposed then), and takes the pages.</summary>
    /// <param name="device">One of <see cref="CudaDevice.Find"/>.</param>
    /// <exception cref="NotSupportedException">The kernels don't cover this model.</exception>
    /// <exception cref="DeviceFaultException">The device failed, or its memory is too small.</exception>
    public static CudaRunner Create(CudaDevice device, DecoderWeights weights, CudaRunnerOptions options)
    {
        try
        {
            return new CudaRunner(device, weights, options.Checked());
        }
        catch (CudaException error)
        {
            throw new DeviceFaultException($"{device.Name} can't serve this model: {error.Message}", error);
        }
    }

    /// <summary>Whether the kernels cover this model.</summary>
    public static bool Covers(ModelConfig model, out string gap) => (gap = ModelKernels.Gap(model) ?? "").Length == 0;

    public StepResult Run(Lane lane, StepPlan plan)
    {
        try
        {
            context.MakeCurrent();
            return lanes[(int)lane].Run(plan, alone: lanes[1 - (int)lane].IsIdle);
        }
        catch (CudaException error)
        {
            throw new DeviceFaultException($"{Info.DeviceName} failed: {error.Message}", error);
        }
    }

    public void Dispose()
    {
        if (context.IsClosed) return;
        context.MakeCurrent();
        for (var i = owned.Count - 1; i >= 0; i--) owned[i].Dispose();
        owned.Clear();
        if (blas != 0) _ = CublasLt.cublasLtDestroy(blas);
        context.Dispose();
    }

    private int PagesThatFit(CudaRunnerOptions options, long reserved)
    {
        var (free, total) = context.Memory;
        var bytes = free - reserved - (long)((1 - options.MemoryUtilization) * total);
        var pages = bytes / KvPages.PageBytes(Model);
        return pages >= 2 ? (int)Math.Min(pages - 1, int.MaxValue / Kv.PageId.Size - 1)
            : throw new DeviceFaultException($"{context.Device.Name} has {free >> 20} MiB free after the weights; {reserved >> 20} MiB of working memory leave no room for pages.");
    }

    private T Own<T>(T part) where T : IDisposable
    {
        owned.Add(part);
        return part;
    }
}
