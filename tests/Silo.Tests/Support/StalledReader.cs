using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Splitwiser.Silo.Tests;

/// <summary>A client that asks for a long stream, reads its beginning, and then stops reading. Its window is small, so that the server notices.</summary>
internal sealed class StalledReader : IDisposable
{
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 2048 };

    public static async Task<StalledReader> Open(Uri address)
    {
        var reader = new StalledReader();
        await reader.socket.ConnectAsync(IPAddress.Loopback, address.Port, TestContext.Current.CancellationToken);
        var body = JsonSerializer.Serialize(new { prompt = "And the king", ignore_eos = true, max_tokens = 2000, stream = true, logprobs = 20 });
        await reader.socket.SendAsync(Encoding.ASCII.GetBytes(
            $"POST /v1/completions HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"), TestContext.Current.CancellationToken);
        var start = new byte[256];
        (await reader.socket.ReceiveAsync(start, TestContext.Current.CancellationToken)).ShouldBeGreaterThan(0);
        Encoding.ASCII.GetString(start).ShouldStartWith("HTTP/1.1 200");
        return reader;
    }

    /// <summary>The server has given the connection up: what was on its way is all that comes, and no orderly end.</summary>
    public async Task IsCut()
    {
        var received = new MemoryStream();
        var buffer = new byte[65536];
        try
        {
            while (await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken) is var count and > 0)
                received.Write(buffer, 0, count);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // The usual way.
        }

        Encoding.UTF8.GetString(received.ToArray()).ShouldNotContain("[DONE]");
    }

    public void Dispose() => socket.Dispose();
}
