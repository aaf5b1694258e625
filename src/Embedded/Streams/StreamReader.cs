namespace Splitwiser.Embedded;

/// <summary>The caller's end of a stream: pulls batches and gives out their items.</summary>
internal sealed class StreamReader<T> : IAsyncEnumerator<T>
{
    private readonly StreamRequest<T> request;
    private readonly Guid id = Guid.NewGuid();
    private readonly CancellationTokenSource? both;
    private readonly CancellationToken token;
    private Batch<T> batch = new([], StreamState.Open);
    private int position = -1;
    private bool opened;

    public StreamReader(StreamRequest<T> request, CancellationToken ofCall, CancellationToken ofReader)
    {
        this.request = request;
        if (ofCall.CanBeCanceled && ofReader.CanBeCanceled && ofCall != ofReader) both = CancellationTokenSource.CreateLinkedTokenSource(ofCall, ofReader);
        token = both?.Token ?? (ofCall.CanBeCanceled ? ofCall : ofReader);
    }

    public T Current => batch.Items[position];

    public ValueTask<bool> MoveNextAsync() => ++position < batch.Items.Count ? new(true) : Pull();

    public async ValueTask DisposeAsync()
    {
        await Close();
        both?.Dispose();
    }

    private async ValueTask<bool> Pull()
    {
        var timeout = request.From.Messaging.ResponseTimeout;
        position = 0;
        try
        {
            for (batch.Items.Clear(); batch is { State: StreamState.Open, Items.Count: 0 };)
            {
                token.ThrowIfCancellationRequested();
                var pull = new PullCall<T>(request, id, opened ? null : request.CopyOfArguments());
                opened = true;
                batch = await pull.Send(timeout, token);
            }
        }
        catch (SiloUnavailableException)
        {
            batch = new([], StreamState.Ended); // and the stream with it
            throw;
        }
        catch
        {
            await Close();
            throw;
        }
        if (batch.State == StreamState.Unknown) throw new EnumerationAbortedException($"{request.Target} has no such stream any more.");
        return batch.Items.Count > 0;
    }

    /// <summary>Tells the grain, if it may still have the stream.</summary>
    private async Task Close()
    {
        var tell = opened && batch.State == StreamState.Open;
        batch = new([], StreamState.Ended);
        if (!tell) return;
        try
        {
            await new CloseCall(request.From, request.Target, id).Send(request.From.Messaging.ResponseTimeout, default);
        }
        catch (Exception error) // the reader is done with the stream, and an unread one ends by itself
        {
            request.From.Log.StreamNotClosed(error, request.Target);
        }
    }
}
