using System.Threading.Tasks.Sources;

namespace Splitwiser.Gpu.Phases;

/// <summary>
/// A reusable asynchronous wait of one consumer. Whoever wakes it only queues it to the thread pool, where the outcome is decided and
/// the continuation runs; neither waking nor waiting again allocates.
/// </summary>
/// <param name="decide">What the consumer would find now.</param>
internal sealed class ReaderWait(Func<ReadState> decide) : IValueTaskSource<bool>, IThreadPoolWorkItem, IDisposable
{
    private const int Idle = 0, Waiting = 1, Woken = 2;

    private ManualResetValueTaskSourceCore<bool> core;
    private CancellationToken cancellation;
    private CancellationTokenRegistration registration;     // kept while the same token comes again
    private int state;

    public bool IsPending => Volatile.Read(ref state) != Idle;

    public ValueTask<bool> Start(CancellationToken cancellationToken)
    {
        if (IsPending) throw new InvalidOperationException("The reader is waiting already.");
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<bool>(cancellationToken);
        var found = decide();
        if (found.IsDecided) return Answer(found);

        Watch(cancellationToken);
        core.Reset();
        Interlocked.Exchange(ref state, Waiting);
        // A token, an end or a cancellation since then saw nobody waiting.
        found = decide();
        if ((found.IsDecided || cancellationToken.IsCancellationRequested) && TryMove(Waiting, Idle))
            return found.IsDecided ? Answer(found) : ValueTask.FromCanceled<bool>(cancellationToken);
        return new ValueTask<bool>(this, core.Version);
    }

    public void Wake()
    {
        if (TryMove(Waiting, Woken)) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        while (true)
        {
            var found = decide();
            if (!found.IsDecided && cancellation.IsCancellationRequested)
                found = ReadState.Failed(new OperationCanceledException(cancellation));
            if (found.IsDecided)
            {
                Volatile.Write(ref state, Idle);            // the continuation may wait again at once
                if (found.Failure is { } failure) core.SetException(failure);
                else core.SetResult(found.HasToken);
                return;
            }

            // Woken for a token that was dropped by a stop whose end is not out yet.
            Interlocked.Exchange(ref state, Waiting);
            if (!decide().IsDecided && !cancellation.IsCancellationRequested) return;
            if (!TryMove(Waiting, Woken)) return;
        }
    }

    /// <summary>Forgets the cancellation token. A wait that is pending stays so until it is woken.</summary>
    public void Dispose() => registration.Dispose();

    private void Watch(CancellationToken cancellationToken)
    {
        if (cancellationToken == cancellation) return;
        registration.Dispose();
        cancellation = cancellationToken;
        registration = cancellationToken.UnsafeRegister(static wait => ((ReaderWait)wait!).Wake(), this);
    }

    private static ValueTask<bool> Answer(ReadState found) =>
        found.Failure is { } failure ? ValueTask.FromException<bool>(failure) : new ValueTask<bool>(found.HasToken);

    private bool TryMove(int from, int to) => Interlocked.CompareExchange(ref state, to, from) == from;

    bool IValueTaskSource<bool>.GetResult(short token) => core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => core.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        core.OnCompleted(continuation, state, token, flags);
}
