using Splitwiser.Gpu.Cpu;
using Splitwiser.Models;

namespace Splitwiser.Silo.Hosting;

/// <summary>The runners of a silo's devices on the CPU, which share the weights.</summary>
internal sealed class CpuRunners(DeviceChoice choice, ModelConfig model, int maxModelLength)
{
    private readonly long pageBytes = CpuRunner.PageBytesOf(model);
    private readonly int pages = PageBudget.PagesPerDevice(choice, CpuRunner.PageBytesOf(model), maxModelLength, FreeMemory.Bytes());

    private readonly int hostPages = HostPageBudget.PagesPerDevice(choice, CpuRunner.PageBytesOf(model), FreeMemory.Bytes());

    /// <exception cref="InsufficientMemoryException">It is one more than the memory was shared among, and there is none left for its pages.</exception>
    public CpuRunner Open(DecoderWeights weights, int index)
    {
        if (index >= choice.Count && FreeMemory.Bytes() is var free && pages * pageBytes > free)
            throw new InsufficientMemoryException($"{pages * pageBytes >> 20} MiB of pages don't fit the {free >> 20} MiB that are free.");
        return new(weights, new()
        {
            Threads = choice.Options.Threads ?? Math.Max(1, Environment.ProcessorCount / choice.Count),
            PageCount = pages,
            HostPageCount = hostPages,
            MaxRows = choice.MaxNumSeqs,
            MaxTokens = choice.MaxNumBatchedTokens,
            MaxSequences = choice.MaxNumSeqs,
        });
    }
}
