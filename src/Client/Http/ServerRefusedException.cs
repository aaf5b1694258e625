namespace Splitwiser.Client.Http;

/// <summary>The server answered with an error, at once or in the middle of the stream.</summary>
public sealed class ServerRefusedException(string message, int? status = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>HTTP status; null when the stream had begun.</summary>
    public int? Status { get; } = status;
}
