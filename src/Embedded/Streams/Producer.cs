namespace Splitwiser.Embedded;

/// <summary>The grain's end of a stream. All in turns of the grain.</summary>
internal abstract class Producer
{
    private bool seen;
    private bool busy;

    /// <summary>Asked once every response timeout: whether nobody pulled since the last time.</summary>
    public bool IsForsaken()
    {
        var forsaken = !seen && !busy;
        seen = false;
        return forsaken;
    }

    /// <summary>Cancels the grain's code and waits for it to end.</summary>
    public abstract Task Close();
    protected void See(bool busy) => (seen, this.busy) = (true, busy);
}

/// <inheritdoc/>
internal sealed class Producer<T>(IAsyncEnumerable<T> source, CancellationTokenSource stop, int batchSize, Activation activation, bool copiesItems) : Producer
{
    private readonly IAsyncEnumerator<T> items = source.GetAsyncEnumerator(stop.Token);
    private Task<bool>? next; // a step that was not done when its pull was answered
    private bool closed;

    /// <summary>The items that are ready, or the first one when it comes, or after half a response timeout none.</summary>
    public async Task<Batch<T>> Pull()
    {
        See(busy: false);
        var batch = new List<T>();
        while (batch.Count < batchSize)
        {
            var step = next is null ? items.MoveNextAsync() : new(next);
            next = null;
            if (!step.IsCompletedSuccessfully)
            {
                next = step.AsTask();
                if (batch.Count > 0) break; // what is ready goes now; a failure comes with the next pull
                See(busy: true);
                await ((Task)next.WaitAsync(activation.Silo.Messaging.ResponseTimeout / 2)).ConfigureAwait(TurnScheduler.Quietly);
                See(busy: false);
                if (closed) return new(batch, StreamState.Unknown);
                if (!next.IsCompleted) break;
                step = new(next);
                next = null;
            }
            if (!await step) return new(batch, StreamState.Ended);
            batch.Add(copiesItems ? (T)Copier.Copy(items.Current)! : items.Current);
        }
        return new(batch, StreamState.Open);
    }

    public override async Task Close()
    {
        closed = true;
        try
        {
            stop.Cancel();
            if (next is not null) await ((Task)next.WaitAsync(activation.Silo.Messaging.ResponseTimeout)).ConfigureAwait(TurnScheduler.Quietly);
            if (next is null or { IsCompleted: true }) await items.DisposeAsync();
            else _ = next.ContinueWith(static late => late.Exception, TaskContinuationOptions.OnlyOnFaulted); // it does not heed its token
        }
        catch (Exception error) { activation.Silo.Log.StreamNotClosed(error, activation.GrainId); } // the edge of grain code
        stop.Dispose();
    }
}
