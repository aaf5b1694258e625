using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Splitwiser.Silo.Http;

/// <summary>
/// Writes server-sent events straight into the response's pipe. Nothing leaves before <see cref="Flush"/>, so events that are
/// ready together travel together. A client that doesn't read for as long as <c>stallTimeout</c> loses its connection.
/// </summary>
internal sealed class SseWriter : IDisposable
{
    private readonly HttpContext context;
    private readonly PipeWriter pipe;
    private readonly Utf8JsonWriter json;
    private readonly TimeSpan stallTimeout;
    private readonly ITimer stalled;

    public SseWriter(HttpContext context, TimeSpan stallTimeout, TimeProvider time)
    {
        this.context = context;
        this.stallTimeout = stallTimeout;
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        context.Response.Headers.CacheControl = "no-cache";
        context.Response.Headers["X-Accel-Buffering"] = "no"; // or a proxy keeps the events until it has a buffer full
        pipe = context.Response.BodyWriter;
        json = new Utf8JsonWriter(pipe, JsonOut.Options);
        stalled = time.CreateTimer(static state => ((HttpContext)state!).Abort(), context, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Write<T>(T value, JsonTypeInfo<T> type)
    {
        WriteRaw("data: "u8);
        json.Reset();
        JsonSerializer.Serialize(json, value, type);
        json.Flush();
        WriteRaw("\n\n"u8);
    }

    public void WriteDone() => WriteRaw("data: [DONE]\n\n"u8);

    /// <summary>Sends what was written; waits while the client is behind.</summary>
    public ValueTask Flush()
    {
        var flush = pipe.FlushAsync();
        if (!flush.IsCompletedSuccessfully)
            return WhileWatched(flush);
        _ = flush.Result;
        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        stalled.Dispose();
        json.Dispose();
    }

    private async ValueTask WhileWatched(ValueTask<FlushResult> flush)
    {
        stalled.Change(stallTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            await flush;
        }
        finally
        {
            stalled.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        context.RequestAborted.ThrowIfCancellationRequested();
    }

    private void WriteRaw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(pipe.GetSpan(bytes.Length));
        pipe.Advance(bytes.Length);
    }
}
