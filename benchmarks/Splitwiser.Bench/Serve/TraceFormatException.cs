namespace Splitwiser.Bench.Serve;

/// <summary>A trace file is not what it should be.</summary>
/// <param name="line">Counted from 1.</param>
internal sealed class TraceFormatException(string path, int line, string problem) : BenchException($"{path}, line {line}: {problem}")
{
    public int Line { get; } = line;
}
