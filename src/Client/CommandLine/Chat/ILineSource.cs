namespace Splitwiser.Client.CommandLine.Chat;

/// <summary>Where the lines of a chat come from.</summary>
internal interface ILineSource
{
    /// <summary>The next line; null at the end.</summary>
    string? Next(string prompt);
}

/// <summary>Lines of a pipe or a file.</summary>
internal sealed class PipedLines(TextReader input) : ILineSource
{
    public string? Next(string prompt) => input.ReadLine();
}
