using System.Buffers.Text;

namespace Splitwiser.Bench.Serve;

/// <summary>
/// Counts the tokens of a completion's stream without parsing it: the usage of each event says how many there are so far. Takes the bytes
/// in whatever pieces they come.
/// </summary>
internal sealed class EventScanner
{
    private byte[] line = new byte[1024];       // what has come of a line that has not ended
    private int length;

    /// <summary>Tokens so far.</summary>
    public int Tokens { get; private set; }

    /// <summary>The stream has ended as it should.</summary>
    public bool IsDone { get; private set; }

    /// <summary>The error that the stream told of.</summary>
    public string? Error { get; private set; }

    public void Take(ReadOnlySpan<byte> bytes)
    {
        while (bytes.IndexOf((byte)'\n') is >= 0 and var end)
        {
            if (length == 0) Line(bytes[..end]);
            else
            {
                Keep(bytes[..end]);
                Line(line.AsSpan(0, length));
                length = 0;
            }

            bytes = bytes[(end + 1)..];
        }

        Keep(bytes);
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (length + bytes.Length > line.Length) Array.Resize(ref line, Math.Max(line.Length * 2, length + bytes.Length));
        bytes.CopyTo(line.AsSpan(length));
        length += bytes.Length;
    }

    private void Line(ReadOnlySpan<byte> text)
    {
        if (!text.StartsWith("data: "u8)) return;
        text = text["data: ".Length..].TrimEnd((byte)'\r');
        if (text.SequenceEqual("[DONE]"u8)) IsDone = true;
        else if (text.StartsWith("{\"error\""u8)) Error = System.Text.Encoding.UTF8.GetString(text);
        else if (text.LastIndexOf("\"completion_tokens\":"u8) is >= 0 and var at && Utf8Parser.TryParse(text[(at + "\"completion_tokens\":".Length)..].TrimStart((byte)' '), out int tokens, out _)) Tokens = tokens;
    }
}
