using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Splitwiser.Bench;

/// <summary>One streamed completion as its client sees it: random token ids in, a fixed number of tokens out.</summary>
internal sealed record TimedRequest(int[] Prompt, int Output)
{
    private const string Data = "data: ";

    public static TimedRequest Draw(Random random, int vocabulary, int mostIn, int mostOut) => new(
        [.. Enumerable.Range(0, random.Next(mostIn / 4, mostIn + 1)).Select(_ => random.Next(vocabulary))], random.Next(mostOut / 4, mostOut + 1));

    /// <summary>An answer that is neither whole nor a 429 is an error: nothing may be lost.</summary>
    public async Task<TimedAnswer> Send(HttpClient http, CancellationToken ct)
    {
        var sent = Stopwatch.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/completions")
        {
            Content = JsonContent.Create(new { prompt = Prompt, max_tokens = Output, temperature = 0, ignore_eos = true, stream = true, stream_options = new { include_usage = true } }),
        };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        if (response.StatusCode == HttpStatusCode.TooManyRequests)
        {
            var wait = response.Headers.RetryAfter?.Delta ?? throw new InvalidOperationException("A 429 without a Retry-After.");
            return new(Stopwatch.GetElapsedTime(sent).TotalSeconds, 0, wait.TotalSeconds);
        }

        response.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(ct));
        double? first = null;
        var last = "";
        while (await reader.ReadLineAsync(ct) is { } line)
        {
            if (!line.StartsWith(Data, StringComparison.Ordinal)) continue;
            if (line.AsSpan(Data.Length).SequenceEqual("[DONE]")) return new(first!.Value, Checked(last), null);
            first ??= Stopwatch.GetElapsedTime(sent).TotalSeconds;
            last = line[Data.Length..];
        }

        throw new InvalidOperationException("A stream broke off.");
    }

    private int Checked(string usage)
    {
        using var json = JsonDocument.Parse(usage);
        var tokens = json.RootElement.GetProperty("usage").GetProperty("completion_tokens").GetInt32();
        return tokens == Output ? tokens : throw new InvalidOperationException($"{tokens} tokens came instead of {Output}.");
    }
}

/// <param name="Seconds">To the first token, or to the refusal.</param>
/// <param name="RetryAfter">Seconds; null when it was served.</param>
internal sealed record TimedAnswer(double Seconds, int Tokens, double? RetryAfter)
{
    public bool IsRefused => RetryAfter is not null;
}
