using Spectre.Console;

namespace Splitwiser.Bench;

/// <summary>Figures on the terminal and, where a folder is named, in a file of results.</summary>
internal static class FigureTable
{
    /// <param name="format">Of the values.</param>
    public static Table Of(IEnumerable<Figure> figures, string format)
    {
        var table = new Table().AddColumns("figure", "value", "unit");
        foreach (var figure in figures) table.AddRow(Markup.Escape(figure.Name), figure.Value.ToString(format), figure.Unit);
        return table;
    }

    public static void Report(string benchmark, IReadOnlyList<Figure> figures, string format, string? folder)
    {
        AnsiConsole.Write(Of(figures, format));
        if (folder is not null) AnsiConsole.MarkupLineInterpolated($"Written to {ResultFile.Write(folder, benchmark, figures)}");
    }
}
