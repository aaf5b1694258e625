using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Splitwiser.Bench.Serve;

namespace Splitwiser.Bench;

/// <summary>One streamed completion as its client sees it: random token ids in, a fixed number of tokens out. It costs the machine that both share as little as it can.</summary>
internal sealed record TimedRequest(byte[] Body, int Output)
{
    private const int ReadBytes = 8 << 10;

    public static TimedRequest Draw(Random random, int vocabulary, int mostIn, int mostOut)
    {
        int[] prompt = [.. Enumerable.Range(0, random.Next(mostIn / 4, mostIn + 1)).Select(_ => random.Next(vocabulary))];
        var output = random.Next(mostOut / 4, mostOut + 1);
        return new(JsonSerializer.SerializeToUtf8Bytes(new { prompt, max_tokens = output, temperature = 0, ignore_eos = true, stream = true, stream_options = new { include_usage = true } }), output);
    }

    /// <summary>An answer that is neither whole nor a 429 is an error: nothing may be lost.</summary>
    public async Task<TimedAnswer> Send(HttpClient http, CancellationToken ct)
    {
        var sent = Stopwatch.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/completions") { Content = new ByteArrayContent(Body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } } };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        if (response.StatusCode == HttpStatusCode.TooManyRequests)
        {
            var wait = response.Headers.RetryAfter?.Delta ?? throw new InvalidOperationException("A 429 without a Retry-After.");
            return new(Stopwatch.GetElapsedTime(sent).TotalSeconds, 0, wait.TotalSeconds);
        }

        response.EnsureSuccessStatusCode();
        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        var scanner = new EventScanner();
        var buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
        double? first = null;
        try
        {
            while (await stream.ReadAsync(buffer, ct) is > 0 and var read)
            {
                first ??= Stopwatch.GetElapsedTime(sent).TotalSeconds;      // a stream's first bytes are its first token
                scanner.Take(buffer.AsSpan(0, read));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (scanner.Error is { } error) throw new InvalidOperationException(error);
        if (!scanner.IsDone) throw new InvalidOperationException("A stream broke off.");
        return scanner.Tokens == Output ? new(first!.Value, Output, null) : throw new InvalidOperationException($"{scanner.Tokens} tokens came instead of {Output}.");
    }
}

/// <param name="Seconds">To the first token, or to the refusal.</param>
/// <param name="RetryAfter">Seconds; null when it was served.</param>
internal sealed record TimedAnswer(double Seconds, int Tokens, double? RetryAfter)
{
    public bool IsRefused => RetryAfter is not null;
}
