using System.Diagnostics;
using System.Net.Http.Headers;

namespace Splitwiser.Bench.Serve;

/// <summary>Sends requests to one or more servers in turn and notes when their tokens come.</summary>
internal sealed class LoadClient : IDisposable
{
    private const int ReadBytes = 8 << 10;

    private readonly HttpClient http = new(new SocketsHttpHandler { MaxConnectionsPerServer = int.MaxValue, UseCookies = false, UseProxy = false, ActivityHeadersPropagator = null }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly Uri[] targets;
    private int sent;

    public LoadClient(IEnumerable<Uri> servers) => targets = [.. servers.Select(server => new Uri(server, "v1/completions"))];

    /// <summary>Runs a request to its end.</summary>
    /// <param name="due">Timestamp at which it should be sent.</param>
    /// <param name="arrived">Told once, with the first token.</param>
    public async Task<RequestOutcome> Run(LoadRequest request, byte[] body, long due, Action arrived, CancellationToken ct)
    {
        var lag = Stopwatch.GetElapsedTime(due).TotalSeconds;
        var answer = new Answer(due, request.Output);
        string? failure;
        try
        {
            failure = await Stream(body, answer, arrived, ct);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or OperationCanceledException)
        {
            failure = broken is OperationCanceledException ? "cancelled" : broken.Message;
        }

        return new RequestOutcome(request.Prompt, answer.Tokens, lag, answer.FirstToken, Stopwatch.GetElapsedTime(due).TotalSeconds, answer.Gaps, failure ?? (answer.Tokens == request.Output ? null : $"{answer.Tokens} tokens came instead of {request.Output}"));
    }

    public void Dispose() => http.Dispose();

    /// <returns>What went wrong; null when nothing did.</returns>
    private async Task<string?> Stream(byte[] body, Answer answer, Action arrived, CancellationToken ct)
    {
        var target = targets[(uint)Interlocked.Increment(ref sent) % targets.Length];
        using var message = new HttpRequestMessage(HttpMethod.Post, target) { Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } } };
        using var response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, ct);
        if (!response.IsSuccessStatusCode) return $"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(ct)}";
        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        var scanner = new EventScanner();
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(ReadBytes);
        try
        {
            while (await stream.ReadAsync(buffer, ct) is > 0 and var read)
            {
                var now = Stopwatch.GetTimestamp();
                scanner.Take(buffer.AsSpan(0, read));
                if (answer.Deliver(scanner.Tokens, now)) arrived();
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }

        return scanner.Error ?? (scanner.IsDone ? null : "the stream broke off");
    }

    /// <summary>The tokens of one request.</summary>
    private sealed class Answer(long due, int expected)
    {
        private readonly float[] gaps = new float[Math.Max(0, expected - 1)];
        private int count;
        private long last;

        public int Tokens { get; private set; }
        public double FirstToken { get; private set; } = double.PositiveInfinity;
        public float[] Gaps => count == gaps.Length ? gaps : gaps[..count];

        /// <returns>It was the first delivery.</returns>
        public bool Deliver(int tokens, long now)
        {
            if (tokens <= Tokens) return false;
            var first = Tokens == 0;
            if (first) FirstToken = Stopwatch.GetElapsedTime(due, now).TotalSeconds;
            else if (count < gaps.Length) gaps[count++] = (float)Stopwatch.GetElapsedTime(last, now).TotalSeconds;
            (Tokens, last) = (tokens, now);
            return first;
        }
    }
}
