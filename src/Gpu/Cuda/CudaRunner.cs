using System.Collections.Immutable;
using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cuda;

/// <summary>A decoder on an NVIDIA GPU: bf16 weights and pages, f32 accumulation.</summary>
public sealed class CudaRunner : IModelRunner
{
    private readonly CudaContext context;
    private readonly List<IDisposable> owned = [];      // in the order of making
    private readonly CudaLane[] lanes = new CudaLane[2];
    private readonly ImmutableArray<SmPartition> partitions = [];
    private readonly bool confinesDecode;
    private readonly HostPages? hostPages;
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
            var wanted = SplitsOf(options, device);
            var timed = options is { Tune: true, BatchInvariant: false } ? new TimedAlgorithms(device, options.KernelCache ?? KernelCompiler.DefaultCacheFolder) : null;
            var turns = Model.Rope is { } rope ? Own(new RopeTurns(rope, Model.HeadSize, options.ModelLength(Model), stream)) : null;
            var arenaBytes = Arena.BytesFor(Model, options);
            var pages = Own(new KvPages(Model, options.PageCount ?? PagesThatFit(options, lanes.Length * arenaBytes), kernels.HopperAttention is not null));
            pages.Clear(stream);
            if (options.HostPageCount > 0) hostPages = Own(new HostPages(Model, pages, options.HostPageCount));
            stream.Synchronize();
            var model = new ModelOnDevice(context, Model, options, uploaded, pages, turns, kernels, blas, timed);
            partitions = SmPartition.Build(device, wanted, out var problem);
            if (wanted.IsEmpty && options.Splits is { Count: > 0 } asked) problem = $"{device.Name} has {device.SmCount} multiprocessors: too few to leave decode {asked.Min()} and prefill a group of 8.";
            foreach (var partition in partitions) Own(partition);
            var ids = partitions.IsEmpty ? null : Own(new KernelCompiler(device, options.KernelCache ?? KernelCompiler.DefaultCacheFolder).Load("SmIds.cu")).Kernel("sm_ids", device);
            for (var lane = 0; lane < lanes.Length; lane++) lanes[lane] = Own(new CudaLane((Lane)lane, model));
            var splits = ids is null ? [] : Confine(model, ids, ref problem);
            confinesDecode = options.ConfinesDecode;
            Info = new RunnerInfo
            {
                DeviceName = device.Name,
                MemoryBytes = device.MemoryBytes,
                Multiprocessors = device.SmCount,
                PageCount = pages.Count,
                PageBytes = KvPages.PageBytes(Model),
                HostPageCount = options.HostPageCount,
                MaxRows = options.MaxRows,
                MaxTokens = options.MaxTokens,
                QueueDepth = options.QueueDepth,
                Probes = true,
                MaxTopLogprobs = SampleRecord.TopLimit,
                Splits = splits,
                SplitProblem = problem,
                Modes = splits.IsEmpty
                    ? new HashSet<PhaseMode> { PhaseMode.Adaptive, PhaseMode.Serial, PhaseMode.Chunked, PhaseMode.Streams }
                    : [PhaseMode.Adaptive, PhaseMode.Serial, PhaseMode.Chunked, PhaseMode.Streams, PhaseMode.Partition],
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

    /// <summary>Bytes of one key/value page of a model, so that main memory can be sized before its runner is made.</summary>
    public static long PageBytesOf(ModelConfig model) => KvPages.PageBytes(model);

    /// <summary>Whether the kernels cover this model.</summary>
    public static bool Covers(ModelConfig model, out string gap) => (gap = ModelKernels.Gap(model) ?? "").Length == 0;

    public StepResult Run(Lane lane, StepPlan plan)
    {
        try
        {
            context.MakeCurrent();
            return lanes[(int)lane].Run(plan, alone: lanes[1 - (int)lane].IsIdle, confined: confinesDecode || lane == Lane.Prefill);
        }
        catch (CudaException error)
        {
            throw new DeviceFaultException($"{Info.DeviceName} failed: {error.Message}", error);
        }
    }

    public void Copy(CopyDirection direction, ReadOnlySpan<PageCopy> copies)
    {
        try
        {
            context.MakeCurrent();
            (hostPages ?? throw new NotSupportedException("The runner was made without pages of main memory.")).Copy(direction, copies);
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

    /// <summary>What a lane's share of a split was seen to run on at the start.</summary>
    internal SmWitness WitnessOf(Lane lane, SmSplit split) => lanes[(int)lane].WitnessOf(split);

    private static ImmutableArray<SmSplit> SplitsOf(CudaRunnerOptions options, CudaDevice device) =>
        options.Splits is not { } decodes ? SmSplit.For(device.SmCount)
        : [.. decodes.Select(decode => SmSplit.WithDecode(decode, device.SmCount)).OfType<SmSplit>().Distinct()];

    /// <summary>Gives the lanes their places on the partitions; those whose multiprocessors are read back as they should be are offered.</summary>
    private ImmutableArray<SmSplit> Confine(ModelOnDevice model, CudaKernel ids, ref string? problem)
    {
        try
        {
            for (var lane = 0; lane < lanes.Length; lane++) lanes[lane].Add((Lane)lane, model, partitions, ids);
        }
        catch (CudaException error)     // a reason to do without, not to serve nothing
        {
            problem = $"{context.Device.Name} can't confine its phases: {error.Message}";
            return [];
        }
        foreach (var partition in partitions)
        {
            var (decode, prefill) = (WitnessOf(Lane.Decode, partition.Split), WitnessOf(Lane.Prefill, partition.Split));
            problem ??= SmPartition.Flaw(partition.Split, decode.Seen, prefill.Seen) ?? SmPartition.Flaw(partition.Split, decode.Replayed, prefill.Replayed);
        }
        return problem is null ? [.. partitions.Select(partition => partition.Split)] : [];
    }

    private int PagesThatFit(CudaRunnerOptions options, long reserved)
    {
        var (free, total) = context.Memory;
        var bytes = free - reserved - (long)((1 - options.MemoryUtilization) * total);
        var pages = bytes / KvPages.PageBytes(Model);
        return pages >= 2 ? (int)Math.Min(pages - 1, int.MaxValue / PageId.Size - 1)
            : throw new DeviceFaultException($"{context.Device.Name} has {free >> 20} MiB free after the weights; {reserved >> 20} MiB of working memory leave no room for pages.");
    }

    private T Own<T>(T part) where T : IDisposable
    {
        owned.Add(part);
        return part;
    }
}
