namespace Splitwiser.Bench;

/// <summary>Figures of a GPU as JSON, with what is needed to measure them again: card, commit, command.</summary>
internal static class CardResults
{
    public static string Write(string folder, string benchmark, string name, string card, IReadOnlyList<KernelFigure> figures) => RecordedRun.Write(folder, $"{benchmark}-{name}", new
    {
        Benchmark = benchmark,
        Date = RecordedRun.Today,
        Card = card,
        Commit = ResultFile.Commit(),
        RecordedRun.Command,
        Figures = figures,
    });

    public static string NameOf(string folder) => Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
}
