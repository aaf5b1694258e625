using Splitwiser.Gpu.Cpu;
using Splitwiser.Models;

namespace Splitwiser.Silo.Hosting;

/// <summary>The runners of a silo's devices on the CPU, which share the weights.</summary>
internal sealed class CpuRunners(DeviceChoice choice, DecoderWeights weights, int maxModelLength)
{
    private readonly int pages = PageBudget.PagesPerDevice(choice, CpuRunner.PageBytesOf(weights.Config), maxModelLength, FreeMemory.Bytes());

    public CpuRunner Open() => new(weights, new()
    {
        Threads = choice.Options.Threads ?? Math.Max(1, Environment.ProcessorCount / choice.Count),
        PageCount = pages,
        MaxRows = choice.MaxNumSeqs,
        MaxTokens = choice.MaxNumBatchedTokens,
        MaxSequences = choice.MaxNumSeqs,
    });
}
