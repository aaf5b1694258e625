namespace Splitwiser.Models.Chat.Syntax;

/// <summary>Template source that can't be read.</summary>
internal sealed class SyntaxError(int line, string problem) : Exception(problem)
{
    public int Line => line;
}
