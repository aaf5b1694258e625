namespace Splitwiser.Models.Chat;

/// <summary>The template itself refused the messages (raise_exception): the caller's fault, in the template's words.</summary>
public sealed class ChatRefusedException(string message) : Exception(message);
