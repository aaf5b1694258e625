using System.Diagnostics;

namespace Splitwiser.Bench;

/// <summary>Figures as JSON, with what is needed to measure them again: hardware, commit, command.</summary>
internal static class ResultFile
{
    public static string Write(string folder, string benchmark, IReadOnlyList<Figure> figures) => RecordedRun.Write(folder, benchmark, new
    {
        Benchmark = benchmark,
        Date = RecordedRun.Today,
        Hardware = Hardware(),
        Commit = Commit(),
        RecordedRun.Command,
        Figures = figures,
    });

    public static string Hardware()
    {
        var model = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
            : null;
        return $"{model ?? "unknown CPU"}, {Environment.ProcessorCount} threads, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB";
    }

    /// <summary>Of the sources that were built; on a machine without them, what SPLITWISER_COMMIT says.</summary>
    public static string Commit()
    {
        if (Environment.GetEnvironmentVariable("SPLITWISER_COMMIT") is { Length: > 0 } told) return told;
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", "rev-parse --short HEAD") { RedirectStandardOutput = true })!;
            return git.StandardOutput.ReadToEnd().Trim();
        }
        catch (System.ComponentModel.Win32Exception)   // no git on this machine
        {
            return "unknown";
        }
    }
}
