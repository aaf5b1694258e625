using System.Text.Json;
using System.Text.Json.Serialization;

namespace Splitwiser.Bench;

/// <summary>How a run is written down, whatever it measured.</summary>
internal static class RecordedRun
{
    private const string ResultsOption = "--results";

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

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

    /// <summary>With what is needed to measure it again: hardware, commit, command.</summary>
    public static string Write<T>(string folder, string benchmark, string name, string hardware, T measured) =>
        Write(folder, name, new { Benchmark = benchmark, Date = Today, Hardware = hardware, Commit = ResultFile.Commit(), Command, Measured = measured });

    public static string Write<T>(string folder, string name, T content)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $"{name}.json");
        File.WriteAllText(path, JsonSerializer.Serialize(content, Format));
        return path;
    }
}
