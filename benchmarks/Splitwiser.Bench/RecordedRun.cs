using System.Text.Json;

namespace Splitwiser.Bench;

/// <summary>How a run is written down, whatever it measured.</summary>
internal static class RecordedRun
{
    private const string ResultsOption = "--results";

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>What to type to measure the same again: without the folder that the results went to, which is this machine's matter.</summary>
    public static string Command
    {
        get
        {
            var arguments = Environment.GetCommandLineArgs().Skip(1).ToList();
            if (arguments.IndexOf(ResultsOption) is >= 0 and var at) arguments.RemoveRange(at, Math.Min(2, arguments.Count - at));
            return $"Splitwiser.Bench {string.Join(' ', arguments.Where(argument => !argument.StartsWith($"{ResultsOption}=", StringComparison.Ordinal)))}";
        }
    }

    public static string Today => DateTime.UtcNow.ToString("yyyy-MM-dd");

    public static string Write<T>(string folder, string name, T content)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $"{name}.json");
        File.WriteAllText(path, JsonSerializer.Serialize(content, Format));
        return path;
    }
}
