using Splitwiser.Silo.Http.Wire;
using Splitwiser.Silo.Options;
using Splitwiser.Silo.Safety;

namespace Splitwiser.Silo.Http;

/// <summary>Sends chunks as server-sent events: as they come, and together when several are ready.</summary>
internal sealed class StreamedAnswer(SplitwiserOptions options, TimeProvider time, ILogger<StreamedAnswer> logger)
{
    public async Task Send(HttpContext context, IAsyncEnumerable<ChoiceChunk> chunks, IAnswerStream answer)
    {
        await using var chunk = chunks.GetAsyncEnumerator(context.RequestAborted);
        var more = await chunk.MoveNextAsync(); // a refusal comes here, before the first byte, and still gets its status
        using var events = new SseWriter(context, TimeSpan.FromSeconds(options.ConsumerIdleTimeout), time);
        try
        {
            while (more)
            {
                answer.Write(events, chunk.Current);
                more = await Next(chunk, events);
            }

            answer.End(events);
        }
        catch (RequestLostException e) when (e.Reason == LossReason.ConsumerIdle)
        {
            context.Abort(); // it doesn't read, so there is no telling it
            return;
        }
        catch (OperationCanceledException) when (Deadline.TryEnd(context))
        {
            events.Write(new ErrorBody(ApiException.TimedOut(options.RequestTimeout).Error), WireJson.Default.ErrorBody);
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested)
        {
            if (e is RequestLostException)
                Log.RequestLost(logger, context.Request.Path, e.Message);
            else if (e is not RequestRefusedException)
                Log.StreamFailed(logger, e, context.Request.Path);
            events.Write(new ErrorBody(ApiException.Of(e).Error), WireJson.Default.ErrorBody);
        }

        events.WriteDone();
        await events.Flush();
    }

    /// <summary>Sends what was written only when there is nothing to add to it yet.</summary>
    private static async ValueTask<bool> Next(IAsyncEnumerator<ChoiceChunk> chunk, SseWriter events)
    {
        var next = chunk.MoveNextAsync();
        if (next.IsCompleted)
            return await next;
        try
        {
            await events.Flush();
        }
        catch (OperationCanceledException)
        {
            // The connection is gone, and so will be the chunks: the pull that is under way says so.
        }

        return await next;
    }
}
