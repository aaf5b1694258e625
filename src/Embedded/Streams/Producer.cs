namespace Splitwiser.Embedded;

/// <summary>The grain's end of a stream. All in turns of the grain.</summary>
internal abstract class Producer
{
    private bool seen = true;

    protected bool IsBusy { get; private set; }

    /// <summary>Asked once every response timeout: whether nobody pulled since the last time.</summary>
    public bool IsForsaken()
    {
        var forsaken = !seen && !IsBusy;
        seen = false;
        return forsaken;
    }

    /// <summary>Cancels the grain's code and waits for it to end.</summary>
    public abstract Task Close();

    protected void See(bool busy) => (seen, IsBusy) = (true, busy);
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
            if (next is null)
            {
                var step = items.MoveNextAsync();
                if (step.IsCompletedSuccessfully)
                {
                    if (!step.Result) return new(batch, StreamState.Ended);
                    batch.Add(Current());
                    continue;
                }
                next = step.AsTask();
            }
            if (batch.Count > 0) break; // what is ready goes now; a failure comes with the next pull
            if (!await NextIsDone()) break;
            if (closed) return new(batch, StreamState.Unknown);
            var done = next;
            next = null;
            if (!await done) return new(batch, StreamState.Ended);
            batch.Add(Current());
        }
        return new(batch, StreamState.Open);
    }

    public override async Task Close()
    {
        closed = true;
        try
        {
            stop.Cancel();
            if (next is not null) await Quietly(next.WaitAsync(activation.Silo.Messaging.ResponseTimeout));
            if (next is null or { IsCompleted: true }) await items.DisposeAsync();
            else _ = next.ContinueWith(static late => late.Exception, TaskContinuationOptions.OnlyOnFaulted);
        }
        catch (Exception error) // the edge of grain code: the stream is closed all the same
        {
            activation.Silo.Log.StreamNotClosed(error, activation.GrainId);
        }
        stop.Dispose();
    }

    private async Task<bool> NextIsDone()
    {
        See(busy: true);
        await Quietly(next!.WaitAsync(activation.Silo.Messaging.ResponseTimeout / 2));
        See(busy: false);
        return next!.IsCompleted || closed;
    }

    private T Current() => copiesItems ? (T)Copier.Copy(items.Current)! : items.Current;

    private static async Task Quietly(Task task) =>
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
}
