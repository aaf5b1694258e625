using System.Text.Json;

namespace Splitwiser.Bench;

/// <summary>Figures of a GPU as JSON, with what is needed to measure them again: card, commit, command.</summary>
internal static class CardResults
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static string Write(string folder, string benchmark, string name, string card, IReadOnlyList<KernelFigure> figures)
    {
        Directory.CreateDirectory(folder);
        var content = new
        {
            Benchmark = benchmark,
            Date = DateTime.UtcNow.ToString("yyyy-MM-dd"),
            Card = card,
            Commit = Environment.GetEnvironmentVariable("SPLITWISER_COMMIT") ?? "unknown",
            Command = $"Splitwiser.Bench {string.Join(' ', Environment.GetCommandLineArgs().Skip(1))}",
            Figures = figures,
        };
        var path = Path.Combine(folder, $"{benchmark}-{name}.json");
        File.WriteAllText(path, JsonSerializer.Serialize(content, Format));
        return path;
    }

    public static string NameOf(string folder) => Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
}
