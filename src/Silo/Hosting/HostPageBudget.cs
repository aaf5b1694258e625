using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Hosting;

/// <summary>How many pages of main memory are behind the pages of each device.</summary>
internal static class HostPageBudget
{
    /// <param name="pageBytes">One page, all layers, keys and values.</param>
    /// <param name="freeBytes">Main memory that is free, for all devices.</param>
    /// <exception cref="BadConfigurationException">It holds no page, or is more than there is.</exception>
    public static int PagesPerDevice(DeviceChoice choice, long pageBytes, long freeBytes)
    {
        if (choice.Options.KvOffloadingSize is not { } gibibytes) return 0;
        var bytes = (long)(gibibytes * (1L << 30));
        if (bytes < pageBytes)
            throw new BadConfigurationException($"--kv-offloading-size: one page takes {pageBytes} bytes, found {bytes}");
        if (bytes > freeBytes / Math.Max(1, choice.Count))
            throw new BadConfigurationException($"--kv-offloading-size: {choice.Count} device(s) would take {choice.Count * (bytes >> 20)} MiB, and {freeBytes >> 20} MiB of main memory are free");
        return (int)Math.Min(bytes / pageBytes, int.MaxValue / Gpu.Kv.PageId.Size);
    }
}
