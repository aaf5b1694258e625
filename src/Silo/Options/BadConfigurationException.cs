namespace Splitwiser.Silo.Options;

/// <summary>Settings that can't be served. The host prints the problems, one a line, and exits with 2.</summary>
public sealed class BadConfigurationException(IReadOnlyList<string> problems, Exception? inner = null)
    : Exception(string.Join(Environment.NewLine, problems), inner)
{
    public BadConfigurationException(string problem, Exception? inner = null) : this([problem], inner)
    {
    }

    public IReadOnlyList<string> Problems { get; } = problems;
}
