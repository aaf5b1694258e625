using Splitwiser.Client.Http;

namespace Splitwiser.Client.CommandLine.Servers;

/// <summary>What a server can have against a request, or not be there for.</summary>
internal static class ServerFailure
{
    /// <summary>In one line for people; null for a bug of ours.</summary>
    public static string? Of(Exception exception, string address) => exception switch
    {
        HttpRequestException or IOException => $"{address} can't be reached: {exception.Message}",
        ServerRefusedException { Status: 401 } => $"{exception.Message} (--api-key, or {ServerOptions.KeyVariable})",
        ServerRefusedException or RequestRefusedException or RequestLostException or SiloUnavailableException => exception.Message,
        _ => null,
    };

    /// <summary>In one word, to count by; null for a bug of ours.</summary>
    public static string? KindOf(Exception exception) => exception switch
    {
        HttpRequestException or IOException or SiloUnavailableException => "connection",
        ServerRefusedException { Status: { } status } => $"http {status}",
        ServerRefusedException => "broken stream",
        RequestRefusedException refused => $"refused: {refused.Reason}",
        RequestLostException lost => $"lost: {lost.Reason}",
        _ => null,
    };
}
