using System.Globalization;

namespace Splitwiser.Bench.Serve;

/// <summary>
/// Reads traces in the CSV format of the Azure LLM inference datasets: a head line, then TIMESTAMP,ContextTokens,GeneratedTokens in rising
/// order of time.
/// </summary>
internal static class AzureTrace
{
    private const string Head = "TIMESTAMP,ContextTokens,GeneratedTokens";

    /// <param name="rows">How many, from the top.</param>
    /// <exception cref="TraceFormatException">A line is malformed, or there are fewer rows.</exception>
    /// <exception cref="BenchException">There is no such file.</exception>
    public static IReadOnlyList<TraceRow> Read(string path, int rows)
    {
        try
        {
            using var reader = new StreamReader(path);
            return Read(reader, path, rows);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new BenchException($"--trace: {missing.Message}");
        }
    }

    public static IReadOnlyList<TraceRow> Read(TextReader reader, string path, int rows)
    {
        if (reader.ReadLine()?.Trim() is not { } head || !head.Equals(Head, StringComparison.OrdinalIgnoreCase))
            throw new TraceFormatException(path, 1, $"expected the head line {Head}");
        List<TraceRow> read = new(rows);
        DateTimeOffset? first = null;
        for (var line = 2; read.Count < rows; line++)
        {
            if (reader.ReadLine() is not { } text) throw new TraceFormatException(path, line, $"{rows} rows were asked for, and the file has {read.Count}");
            if (text.AsSpan().Trim().IsEmpty) continue;
            var (time, row) = Row(text, path, line);
            first ??= time;
            row = row with { At = (time - first.Value).TotalSeconds };
            if (read.Count > 0 && row.At < read[^1].At) throw new TraceFormatException(path, line, $"{time:O} is before the row above it");
            read.Add(row);
        }

        return read;
    }

    private static (DateTimeOffset Time, TraceRow Row) Row(string text, string path, int line)
    {
        var fields = text.Split(',');
        if (fields.Length != 3) throw new TraceFormatException(path, line, $"expected 3 fields, found {fields.Length}");
        if (!DateTimeOffset.TryParse(fields[0], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            throw new TraceFormatException(path, line, $"'{fields[0]}' is no time");
        int Tokens(int field, string name) => int.TryParse(fields[field], NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var tokens) && tokens >= 1
            ? tokens : throw new TraceFormatException(path, line, $"{name} must be a whole number of at least 1, found '{fields[field]}'");
        return (time, new TraceRow(0, Tokens(1, "ContextTokens"), Tokens(2, "GeneratedTokens")));
    }
}
