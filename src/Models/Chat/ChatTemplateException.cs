namespace Splitwiser.Models.Chat;

/// <summary>A chat template that can't be read, uses what is not served, or fails on what it is given.</summary>
public sealed class ChatTemplateException(string source, int line, string problem, Exception? inner = null)
    : Exception($"{source}: line {line}: {problem}", inner)
{
    /// <summary>The file, or the name of the template in it.</summary>
    public string TemplateSource { get; } = source;

    /// <summary>The template's line, counted from 1; 0 where the files around it are wrong.</summary>
    public int Line { get; } = line;

    public string Problem { get; } = problem;
}
