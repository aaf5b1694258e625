namespace Splitwiser.Models;

/// <summary>
/// A model folder does not hold what it must: a missing, broken or unsupported file, field or tensor. The message names
/// all four parts.
/// </summary>
/// <param name="file">The file, as a path.</param>
/// <param name="subject">The field, tensor or part of the file.</param>
/// <param name="expected">What would have been right.</param>
/// <param name="found">What is there instead.</param>
public sealed class ModelFormatException(string file, string subject, string expected, string found, Exception? inner = null)
    : Exception($"{file}: {subject}: expected {expected}, found {found}", inner)
{
    public string File { get; } = file;
    public string Subject { get; } = subject;
    public string Expected { get; } = expected;
    public string Found { get; } = found;
}
