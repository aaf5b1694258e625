using System.Diagnostics;

namespace Splitwiser.Grains;

/// <summary>One request under measurement. Without an end or an error of its own, its caller has left it.</summary>
internal sealed class MeasuredRequest : IDisposable
{
    private readonly RequestMetrics metrics;
    private long before = Stopwatch.GetTimestamp();
    private bool started;
    private bool settled;

    public MeasuredRequest(RequestMetrics metrics) => (this.metrics = metrics).Running.Add(1);

    public async ValueTask<bool> Next(IAsyncEnumerator<TokenChunk> chunks)
    {
        try
        {
            if (!await chunks.MoveNextAsync()) return false;
            Measure(chunks.Current);
            return true;
        }
        catch (RequestRefusedException refusal)
        {
            Settle(metrics.Refused, "reason", refusal.Reason.ToString());
            throw;
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            Settle(metrics.Failed, "reason", (error as RequestLostException)?.Reason.ToString() ?? "Fault");
            throw;
        }
    }

    public void Dispose()
    {
        metrics.Running.Add(-1);
        if (!settled) metrics.Cancelled.Add(1);
    }

    private void Measure(TokenChunk chunk)
    {
        var gap = Stopwatch.GetElapsedTime(before).TotalSeconds;
        before = Stopwatch.GetTimestamp();
        var count = chunk.Ids.Length;
        metrics.GeneratedTokens.Add(count);
        if (!started) metrics.FirstToken.Record(gap);
        else for (var i = 0; i < count; i++) metrics.BetweenTokens.Record(gap / count);
        started = true;
        if (chunk.End is { } end) Finish(end);
    }

    private void Finish(GenerationEnd end)
    {
        Settle(metrics.Finished, "finished_reason", end.Reason.ToString());
        metrics.Total.Record(end.Timings.Total.TotalSeconds);
        metrics.Queue.Record(end.Timings.Queue.TotalSeconds);
        metrics.Prefill.Record(end.Timings.Prefill.TotalSeconds);
        metrics.Decode.Record((end.Timings.Total - end.Timings.FirstToken).TotalSeconds);
        metrics.PromptTokens.Add(end.Usage.Prompt);
        metrics.CachedTokens.Add(end.Usage.Cached);
        metrics.Failovers.Add(Math.Max(0, end.Timings.Attempts - 1));
    }

    private void Settle(System.Diagnostics.Metrics.Counter<long> outcome, string tag, string value)
    {
        outcome.Add(1, new KeyValuePair<string, object?>(tag, value));
        settled = true;
    }
}
