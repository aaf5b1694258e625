using System.Globalization;

namespace Splitwiser.Silo.Hosting;

/// <summary>Main memory that this process could still take, in bytes.</summary>
internal static class FreeMemory
{
    private const string MemInfo = "/proc/meminfo";

    /// <summary>What the machine has free, but not more than the process's own limit (a container's, for one).</summary>
    public static long Bytes()
    {
        var limit = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes - Environment.WorkingSet;
        return Math.Max(0, File.Exists(MemInfo) ? Math.Min(limit, Available(File.ReadLines(MemInfo)) ?? limit) : limit);
    }

    /// <summary>"MemAvailable:    1234 kB", in bytes.</summary>
    internal static long? Available(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            if (line.StartsWith("MemAvailable:", StringComparison.Ordinal)
                && long.TryParse(line.AsSpan("MemAvailable:".Length).TrimEnd("kB "), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var kibibytes))
                return kibibytes * 1024;
        }

        return null;
    }
}
