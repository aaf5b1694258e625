using System.Diagnostics;
using System.Text.Json;

namespace Splitwiser.Bench;

/// <summary>Figures as JSON, with what is needed to measure them again: hardware, commit, command.</summary>
internal static class ResultFile
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static string Write(string folder, string benchmark, IReadOnlyList<Figure> figures)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $"{benchmark}.json");
        var content = new
        {
            Benchmark = benchmark,
            Date = DateTime.UtcNow.ToString("yyyy-MM-dd"),
            Hardware = Hardware(),
            Commit = Commit(),
            Command = $"Splitwiser.Bench {string.Join(' ', Environment.GetCommandLineArgs().Skip(1))}",
            Figures = figures,
        };
        File.WriteAllText(path, JsonSerializer.Serialize(content, Format));
        return path;
    }

    private static string Hardware()
    {
        var model = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
            : null;
        return $"{model ?? "unknown CPU"}, {Environment.ProcessorCount} threads, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB";
    }

    private static string Commit()
    {
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
