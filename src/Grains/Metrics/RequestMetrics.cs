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

    private static readonly InstrumentAdvice<double> Latencies = new() { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120] };

    public RequestMetrics()
    {
        Meter = new(MeterName);
        FirstToken = Seconds("splitwiser.time_to_first_token", "From a request's arrival to its first token.");
        BetweenTokens = Seconds("splitwiser.inter_token_latency", "Between a request's tokens; the gap before a chunk is shared evenly by its tokens.");
        Total = Seconds("splitwiser.request_latency", "From a request's arrival to its last token.");
        Queue = Seconds("splitwiser.request_queue_time", "From the device's queue to the start of prefill, of finished requests.");
        Prefill = Seconds("splitwiser.request_prefill_time", "From the start of prefill to the first token on the device, of finished requests.");
        Decode = Seconds("splitwiser.request_decode_time", "From a request's first token to its last.");
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
    internal Counter<long> PromptTokens { get; }
    internal Counter<long> CachedTokens { get; }
    internal Counter<long> GeneratedTokens { get; }
    internal Counter<long> Finished { get; }
    internal Counter<long> Refused { get; }
    internal Counter<long> Failed { get; }
    internal Counter<long> Cancelled { get; }
    internal Counter<long> Failovers { get; }
    internal UpDownCounter<long> Running { get; }

    public void Dispose() => Meter.Dispose();

    /// <summary>Passes an answer on and measures it.</summary>
    internal async IAsyncEnumerable<TokenChunk> Observe(IAsyncEnumerable<TokenChunk> answer, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var request = new MeasuredRequest(this);
        await using var chunks = answer.GetAsyncEnumerator(cancellationToken);
        while (await request.Next(chunks)) yield return chunks.Current;
    }

    private Histogram<double> Seconds(string name, string description) => Meter.CreateHistogram(name, "s", description, advice: Latencies);

    private Counter<long> Count(string name, string description) => Meter.CreateCounter<long>(name, description: description);
}
