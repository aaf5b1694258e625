using System.Diagnostics;

namespace Splitwiser.Grains;

/// <summary>One request under measurement. Without an end or an error of its own, its caller has left it.</summary>
internal sealed class MeasuredRequest : IDisposable
{
    private readonly RequestMetrics metrics;
    private readonly RequestTrace trace;
    private readonly long arrived = Stopwatch.GetTimestamp();
    private long before;
    private volatile GenerationStart? start; // its first chunk is through
    private int tokens;
    private bool started;
    private bool settled;

    public MeasuredRequest(RequestMetrics metrics, RequestTrace trace)
    {
        (this.metrics, this.trace, before) = (metrics, trace, arrived);
        trace.Begin();
        metrics.Enter(this);
    }

    /// <summary>As another thread sees it.</summary>
    public RunningRequest Now()
    {
        var begun = start;
        return new(trace.Key, Stopwatch.GetElapsedTime(arrived), begun?.Device, begun?.PromptIds.Length, begun?.CachedTokens, Volatile.Read(ref tokens));
    }

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
            trace.Fail(refusal.Message);
            metrics.Refuse(refusal);
            settled = true;
            throw;
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            trace.Fail(error.Message);
            Settle(metrics.Failed, "reason", (error as RequestLostException)?.Reason.ToString() ?? "Fault");
            throw;
        }
    }

    public void Dispose()
    {
        metrics.Leave(this);
        if (!settled)
        {
            metrics.Cancelled.Add(1);
            trace.Fail("The caller left.");
        }

        trace.Close();
    }

    private void Measure(TokenChunk chunk)
    {
        var gap = Stopwatch.GetElapsedTime(before).TotalSeconds;
        before = Stopwatch.GetTimestamp();
        var count = chunk.Ids.Length;
        start = chunk.Start ?? start;
        Volatile.Write(ref tokens, tokens + count);
        metrics.GeneratedTokens.Add(count);
        if (!started) metrics.FirstToken.Record(gap);
        else for (var i = 0; i < count; i++) metrics.BetweenTokens.Record(gap / count);
        started = true;
        if (chunk.End is { } end) Finish(end);
    }

    private void Finish(GenerationEnd end)
    {
        trace.End(end);
        Settle(metrics.Finished, "finished_reason", end.Reason.ToString());
        metrics.Total.Record(end.Timings.Total.TotalSeconds);
        metrics.Queue.Record(end.Timings.Queue.TotalSeconds);
        metrics.Prefill.Record(end.Timings.Prefill.TotalSeconds);
        metrics.Decode.Record((end.Timings.Total - end.Timings.FirstToken).TotalSeconds);
        metrics.Inference.Record((end.Timings.Total - end.Timings.FirstToken + end.Timings.Prefill).TotalSeconds);
        if (end.Usage.Completion > 1) metrics.PerToken.Record((end.Timings.Total - end.Timings.FirstToken).TotalSeconds / (end.Usage.Completion - 1));
        metrics.PromptSize.Record(end.Usage.Prompt);
        metrics.OutputSize.Record(end.Usage.Completion);
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
