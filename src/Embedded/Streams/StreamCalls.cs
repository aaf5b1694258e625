namespace Splitwiser.Embedded;

/// <summary>Open: more may follow; without items, the grain only said that it is at it. Unknown: the grain has no such stream any more.</summary>
internal enum StreamState { Open, Ended, Unknown }

/// <summary>Items that a pull brought, and whether more follow.</summary>
internal readonly record struct Batch<T>(List<T> Items, StreamState State);

/// <summary>Asks for the next items; the first one, which brings the arguments, opens the stream.</summary>
internal sealed class PullCall<T>(StreamRequest<T> request, Guid id, object?[]? opening) : Call<Batch<T>>(request.From, request.Target, interleaves: true)
{
    protected override async Task<Batch<T>> Invoke(Activation activation)
    {
        if (opening is not null) activation.Streams.Add(id, request.Method.Open(activation, opening, request.BatchSize));
        if (activation.Streams.Find(id) is not Producer<T> producer) return new([], StreamState.Unknown);
        var batch = new Batch<T>([], StreamState.Ended);
        try { return batch = await producer.Pull(); }
        finally { if (batch.State != StreamState.Open) await activation.Streams.Close(id); }
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
