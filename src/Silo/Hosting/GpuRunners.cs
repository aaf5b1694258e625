using System.Diagnostics;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Hosting;

/// <summary>The runners of a silo's GPUs. Each has its own copy of the weights.</summary>
internal sealed class GpuRunners(DeviceChoice choice, ModelConfig model, int maxModelLength, ILogger logger)
{
    private readonly int hostPages = HostPageBudget.PagesPerDevice(choice, CudaRunner.PageBytesOf(model), FreeMemory.Bytes());

    /// <exception cref="BadConfigurationException">One sequence of the full length would not fit beside the weights.</exception>
    /// <exception cref="Gpu.DeviceFaultException">The GPU failed, or its memory is too small.</exception>
    public CudaRunner Open(DecoderWeights weights, int index)
    {
        var (device, options) = (choice.GpuOf(index), choice.Options);
        var started = Stopwatch.GetTimestamp();
        Log.GpuLoading(logger, device.Ordinal, device.Name, device.MemoryBytes >> 20, weights.ByteCount >> 20);
        var runner = CudaRunner.Create(device, weights, new CudaRunnerOptions
        {
            MemoryUtilization = choice.MemoryUtilization,
            PageCount = options.NumGpuBlocksOverride,
            HostPageCount = hostPages,
            MaxModelLength = maxModelLength,
            MaxRows = choice.MaxNumSeqs,
            MaxTokens = choice.MaxNumBatchedTokens,
            MaxSequences = choice.MaxNumSeqs,
            Graphs = !options.EnforceEager,
            BatchInvariant = options.BatchInvariant,
            Splits = SplitsFor(options, device),
            KernelCache = options.KernelCache,
        });
        var (pages, needed) = (runner.Info.PageCount, PageId.CountFor(maxModelLength + 1));
        if (options.NumGpuBlocksOverride is null && pages < needed)
        {
            runner.Dispose();
            throw new BadConfigurationException(
                $"--gpu-memory-utilization: {choice.MemoryUtilization:P0} of {device.Name} hold {pages} pages beside the weights, " +
                $"and one sequence of {maxModelLength} tokens needs {needed}; raise it or lower --max-model-len");
        }

        if (options is { PhaseMode: PhaseMode.Adaptive } && runner.Info.SplitProblem is { } problem)
            Log.GpuNotSplit(logger, device.Ordinal, device.Name, problem);
        Log.GpuReady(logger, device.Ordinal, device.Name, Stopwatch.GetElapsedTime(started).TotalSeconds, pages, runner.Info.PageBytes >> 10);
        return runner;
    }

    /// <summary>All that suit the card for the mode that chooses among them; one for the mode that is one, none for the others.</summary>
    private static IReadOnlyList<int>? SplitsFor(SplitwiserOptions options, CudaDevice device) => options.PhaseMode switch
    {
        PhaseMode.Adaptive => null,
        PhaseMode.Partition => [options.DecodeSms ?? device.SmCount / 4],
        _ => [],
    };
}
