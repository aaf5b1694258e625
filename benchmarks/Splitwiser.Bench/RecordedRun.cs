using System.Text.Json;
using System.Text.Json.Serialization;

namespace Splitwiser.Bench;

/// <summary>How a run is written down, whatever it measured.</summary>
internal static class RecordedRun
{
    private const string ResultsOption = "--results";

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>What to type to measure the same again: without the folders of this machine, and where the results went to.</summary>
    public static string Command => CommandOf(Environment.GetCommandLineArgs().Skip(1));

    internal static string CommandOf(IEnumerable<string> given)
    {
        var arguments = given.ToList();
        if (arguments.IndexOf(ResultsOption) is >= 0 and var at) arguments.RemoveRange(at, Math.Min(2, arguments.Count - at));
        var kept = arguments.Where(argument => !argument.StartsWith($"{ResultsOption}=", StringComparison.Ordinal)).Select(argument => Path.IsPathRooted(argument) ? Path.GetFileName(Path.TrimEndingDirectorySeparator(argument)) : argument);
        return $"Splitwiser.Bench {string.Join(' ', kept)}";
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
