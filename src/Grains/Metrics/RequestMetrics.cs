using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace Splitwiser.Grains;

/// <summary>
/// What the requests of one silo measure, on a meter of its own (several silos of a process share the name, not the meter):
/// an exporter listens to <see cref="Meter"/>. Times are as the stream's consumer sees them, in seconds.
/// </summary>
public sealed class RequestMetrics : IDisposable
{
    public const string MeterName = "Splitwiser";

    private static readonly InstrumentAdvice<double> Latencies = new() { HistogramBucketBoundaries = 
    [
        0.0005, 0.00075, 0.001, 0.0015, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075,
        0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 7.5, 10, 15, 20, 30, 60, 120, 300,
    ] };

    private static readonly InstrumentAdvice<long> Sizes = new() { HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000] };

    private readonly ConcurrentDictionary<MeasuredRequest, byte> open = [];

    public RequestMetrics()
    {
        Meter = new(MeterName);
        FirstToken = Seconds("splitwiser.time_to_first_token", "From a request's arrival to its first token.");
        BetweenTokens = Seconds("splitwiser.inter_token_latency", "Between a request's tokens; the gap before a chunk is shared evenly by its tokens.");
        Total = Seconds("splitwiser.request_latency", "From a request's arrival to its last token.");
        Queue = Seconds("splitwiser.request_queue_time", "From the device's queue to the start of prefill, of finished requests.");
        Prefill = Seconds("splitwiser.request_prefill_time", "From the start of prefill to the first token on the device, of finished requests.");
        Decode = Seconds("splitwiser.request_decode_time", "From a request's first token to its last.");
        Inference = Seconds("splitwiser.request_inference_time", "From the start of prefill to a request's last token.");
        PerToken = Seconds("splitwiser.request_time_per_output_token", "A finished request's mean time between tokens.");
        PromptSize = Tokens("splitwiser.request_prompt_tokens", "Prompt tokens of a finished request.");
        OutputSize = Tokens("splitwiser.request_generation_tokens", "Output tokens of a finished request.");
        PromptTokens = Count("splitwiser.prompt_tokens", "Prompt tokens of finished requests.");
        CachedTokens = Count("splitwiser.cached_prompt_tokens", "Prompt tokens of finished requests that came from the prefix cache.");
        GeneratedTokens = Count("splitwiser.generation_tokens", "Output tokens.");
        Finished = Count("splitwiser.requests_finished", "Requests that got their whole answer, by finish reason.");
        Refused = Count("splitwiser.requests_refused", "Requests refused, by reason.");
        Failed = Count("splitwiser.requests_failed", "Admitted requests that got an error instead of their end, by reason.");
        Cancelled = Count("splitwiser.requests_cancelled", "Requests that their callers left before the end.");
        Failovers = Count("splitwiser.request_failovers", "Times that a finished request went on on another device.");
        Running = Meter.CreateUpDownCounter<long>("splitwiser.requests_running", description: "Requests whose streams are open.");
    }

    public Meter Meter { get; }

    internal Histogram<double> FirstToken { get; }
    internal Histogram<double> BetweenTokens { get; }
    internal Histogram<double> Total { get; }
    internal Histogram<double> Queue { get; }
    internal Histogram<double> Prefill { get; }
    internal Histogram<double> Decode { get; }
    internal Histogram<double> Inference { get; }
    internal Histogram<double> PerToken { get; }
    internal Histogram<long> PromptSize { get; }
    internal Histogram<long> OutputSize { get; }
    internal Counter<long> PromptTokens { get; }
    internal Counter<long> CachedTokens { get; }
    internal Counter<long> GeneratedTokens { get; }
    internal Counter<long> Finished { get; }
    internal Counter<long> Refused { get; }
    internal Counter<long> Failed { get; }
    internal Counter<long> Cancelled { get; }
    internal Counter<long> Failovers { get; }
    internal UpDownCounter<long> Running { get; }

    /// <summary>The requests whose streams are open, oldest first.</summary>
    public IReadOnlyList<RunningRequest> Open() => [.. open.Keys.Select(request => request.Now()).OrderByDescending(request => request.Age)];

    public void Dispose() => Meter.Dispose();

    /// <summary>Counts a refused request, whether or not it had come to a grain.</summary>
    public void Refuse(RequestRefusedException refusal) => Refused.Add(1, new KeyValuePair<string, object?>("reason", refusal.Reason.ToString()));

    internal void Enter(MeasuredRequest request)
    {
        open.TryAdd(request, 0);
        Running.Add(1);
    }

    internal void Leave(MeasuredRequest request)
    {
        open.TryRemove(request, out _);
        Running.Add(-1);
    }

    /// <summary>Passes an answer on and measures it.</summary>
    internal async IAsyncEnumerable<TokenChunk> Observe(
        IAsyncEnumerable<TokenChunk> answer, [EnumeratorCancellation] CancellationToken cancellationToken = default, RequestTrace? trace = null)
    {
        using var request = new MeasuredRequest(this, trace ?? new(Guid.NewGuid()));
        await using var chunks = answer.GetAsyncEnumerator(cancellationToken);
        while (await request.Next(chunks)) yield return chunks.Current;
    }

    private Histogram<double> Seconds(string name, string description) => Meter.CreateHistogram(name, "s", description, advice: Latencies);

    private Histogram<long> Tokens(string name, string description) => Meter.CreateHistogram(name, "{token}", description, advice: Sizes);

    private Counter<long> Count(string name, string description) => Meter.CreateCounter<long>(name, description: description);
}
