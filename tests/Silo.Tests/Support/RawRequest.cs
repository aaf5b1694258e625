using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Splitwiser.Silo.Tests;

/// <summary>Bytes on a connection of their own, and what comes back: what no HTTP client would send.</summary>
internal static class RawRequest
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The bytes of a POST as an orderly client sends it.</summary>
    public static byte[] Post(string path, ReadOnlySpan<byte> body, string headers = "Content-Type: application/json\r\n") =>
        [.. Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}Content-Length: {body.Length}\r\n\r\n"), .. body];

    /// <summary>Sends all and reads to the end of the connection.</summary>
    /// <param name="isWhole">The server finds a whole request in it. To close our side then would be to leave.</param>
    /// <param name="pieces">It is sent in so many, as a slow sender does: the server answers somebody else between two of them.</param>
    /// <returns>Status 0 when the server just closed it.</returns>
    public static async Task<(int Status, string Body)> Send(Uri address, ReadOnlyMemory<byte> bytes, bool isWhole, int pieces = 1)
    {
        using var deadline = new CancellationTokenSource(Patience);
        using var socket = await Connect(address, deadline.Token);
        var received = new MemoryStream();
        try
        {
            for (var piece = 0; piece < pieces; piece++)
            {
                if (piece > 0)
                    await AnswerAnother(address, deadline.Token);
                await socket.SendAsync(bytes[(bytes.Length * piece / pieces)..(bytes.Length * (piece + 1) / pieces)], deadline.Token);
            }

            if (!isWhole)
                socket.Shutdown(SocketShutdown.Send); // or the server would wait for the rest
        }
        catch (SocketException)
        {
            // It has heard enough already; its answer may still be there.
        }

        try
        {
            var buffer = new byte[16384];
            while (await socket.ReceiveAsync(buffer, deadline.Token) is var count and > 0)
                received.Write(buffer, 0, count);
        }
        catch (SocketException)
        {
            // Reset behind its answer, for it didn't read all of ours.
        }

        var text = Encoding.UTF8.GetString(received.GetBuffer(), 0, (int)received.Length);
        var status = text.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) ? int.Parse(text.AsSpan(9, 3)) : 0;
        var body = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return (status, body < 0 ? "" : text[(body + 4)..]);
    }

    /// <summary>Sends the bytes and leaves.</summary>
    public static async Task Abandon(Uri address, ReadOnlyMemory<byte> bytes)
    {
        using var deadline = new CancellationTokenSource(Patience);
        using var socket = await Connect(address, deadline.Token);
        await socket.SendAsync(bytes, deadline.Token);
        socket.Close(0); // with a reset
    }

    /// <summary>Somebody else asks the server and has the answer.</summary>
    private static async Task AnswerAnother(Uri address, CancellationToken ct)
    {
        using var socket = await Connect(address, ct);
        await socket.SendAsync("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"u8.ToArray(), ct);
        var buffer = new byte[1024];
        while (await socket.ReceiveAsync(buffer, ct) > 0) { }
    }

    private static async Task<Socket> Connect(Uri address, CancellationToken ct)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, address.Port, ct);
        return socket;
    }
}
