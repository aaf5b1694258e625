namespace Splitwiser.Embedded;

/// <summary>Asks for the next items; the first one, which brings the arguments, opens the stream.</summary>
internal sealed class PullCall<T>(StreamRequest<T> request, Guid id, object?[]? opening) : Call<Batch<T>>(request.From, request.Target, interleaves: true)
{
    protected override async Task<Batch<T>> Invoke(Activation activation)
    {
        if (opening is not null) activation.Streams.Add(id, request.Method.Open(activation, opening, request.BatchSize));
        if (activation.Streams.Find(id) is not Producer<T> producer) return new([], StreamState.Unknown);
        var open = false;
        try
        {
            var batch = await producer.Pull();
            open = batch.State == StreamState.Open;
            return batch;
        }
        finally
        {
            if (!open) await activation.Streams.Close(id);
        }
    }
}

/// <summary>Ends a stream that its reader left.</summary>
internal sealed class CloseCall(Node from, GrainId target, Guid id) : Call<Nothing>(from, target, interleaves: true)
{
    protected override async Task<Nothing> Invoke(Activation activation)
    {
        await activation.Streams.Close(id);
        return default;
    }
}
