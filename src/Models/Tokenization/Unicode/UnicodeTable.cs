using System.Reflection;

namespace Splitwiser.Models.Tokenization.Unicode;

/// <summary>The Unicode tables that this assembly carries: with invariant globalization the framework has no such data.</summary>
internal static class UnicodeTable
{
    /// <summary>The lines of a table, comments left out.</summary>
    public static IEnumerable<string> Lines(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
                yield return line;
        }
    }
}
