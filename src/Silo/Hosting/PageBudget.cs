using Splitwiser.Gpu.Kv;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Hosting;

/// <summary>How many key/value pages each device on the CPU gets.</summary>
internal static class PageBudget
{
    /// <param name="pageBytes">One page, all layers, keys and values.</param>
    /// <param name="maxModelLength">Most tokens of one sequence.</param>
    /// <param name="freeBytes">Memory that the pages of all devices may take a share of.</param>
    /// <exception cref="BadConfigurationException">One sequence of the full length would not fit.</exception>
    public static int PagesPerDevice(DeviceChoice choice, long pageBytes, int maxModelLength, long freeBytes)
    {
        var perSequence = PageId.CountFor(maxModelLength + 1);
        if (choice.Options.NumGpuBlocksOverride is { } pages)
            return pages;
        var affordable = (long)(freeBytes * choice.MemoryUtilization) / choice.Count / pageBytes;
        if (affordable < perSequence)
        {
            throw new BadConfigurationException(
                $"--gpu-memory-utilization: {choice.MemoryUtilization:P1} of {freeBytes >> 20} MiB hold {affordable} pages a device, " +
                $"and one sequence of {maxModelLength} tokens needs {perSequence}; raise it or lower --max-model-len");
        }

        return (int)Math.Min(affordable, (long)choice.MaxNumSeqs * perSequence);
    }
}
