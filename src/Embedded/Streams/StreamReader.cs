namespace Splitwiser.Embedded;

/// <summary>The caller's end of a stream: pulls batches and gives out their items.</summary>
internal sealed class StreamReader<T> : IAsyncEnumerator<T>
{
    private readonly StreamRequest<T> request;
    private readonly Guid id = Guid.NewGuid();
    private readonly CancellationTokenSource both; // cancelled by the token of the call and by that of the reader
    private Batch<T> batch = new([], StreamState.Open);
    private int position;
    private bool opened;

    public StreamReader(StreamRequest<T> request, CancellationToken ofCall, CancellationToken ofReader) =>
        (this.request, both) = (request, CancellationTokenSource.CreateLinkedTokenSource(ofCall, ofReader));

    public T Current => batch.Items[position];
    public ValueTask<bool> MoveNextAsync() => ++position < batch.Items.Count ? new(true) : Pull();

    public async ValueTask DisposeAsync()
    {
        await Close();
        both.Dispose();
    }

    private async ValueTask<bool> Pull()
    {
        position = 0;
        batch.Items.Clear();
        try
        {
            while (batch is { State: StreamState.Open, Items.Count: 0 })
            {
                both.Token.ThrowIfCancellationRequested();
                var pull = new PullCall<T>(request, id, opened ? null : request.CopyOfArguments());
                opened = true;
                batch = await pull.Send(request.From.Messaging.ResponseTimeout, both.Token);
            }
        }
        catch (Exception error)
        {
            await Close(tell: error is not SiloUnavailableException); // else there is nobody to tell
            throw;
        }
        if (batch.State == StreamState.Unknown) throw new EnumerationAbortedException($"{request.Target} has no such stream any more.");
        return batch.Items.Count > 0;
    }

    /// <summary>Tells the grain, if it may still have the stream.</summary>
    private async Task Close(bool tell = true)
    {
        tell &= opened && batch.State == StreamState.Open;
        batch = new([], StreamState.Ended);
        if (!tell) return;
        try { await new CloseCall(request.From, request.Target, id).Send(request.From.Messaging.ResponseTimeout, default); }
        catch (Exception error) { request.From.Log.StreamNotClosed(error, request.Target); } // the reader is done with it, and an unread stream ends by itself
    }
}
