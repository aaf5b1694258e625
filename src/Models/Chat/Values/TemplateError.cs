namespace Splitwiser.Models.Chat.Values;

/// <summary>An operation that a value can't do; the statement that asked for it adds the line.</summary>
internal sealed class TemplateError(string message) : Exception(message);
