using System.Collections.Concurrent;

namespace Splitwiser.Gpu.Phases;

/// <summary>
/// The outputs of many sequences on their way to one consumer, which waits once for all of them: what a step brought is ready
/// together. The device worker opens it and attaches sequences; it ends when the device has drained, and fails with the device.
/// </summary>
public sealed class TokenFeed : IDisposable
{
    private readonly ConcurrentQueue<FeedReader> news = new();      // each at most once
    private readonly ConcurrentDictionary<FeedReader, bool> readers = [];
    private readonly ReaderWait wait;
    private readonly TimeProvider time;
    private readonly Action<TokenFeed> disposed;
    private OutputOutcome? outcome;                                 // what follows when all news are read
    private bool held;                                              // guarded by the device's lock, as is each call of Tell
    private bool isDisposed;
    private long lastSign;

    internal TokenFeed(TimeProvider time, Action<TokenFeed> disposed)
    {
        (this.time, this.disposed) = (time, disposed);
        wait = new ReaderWait(Decide);
        lastSign = time.GetTimestamp();
    }

    /// <summary>Timestamp of the consumer's last wait or read.</summary>
    internal long LastSign => Volatile.Read(ref lastSign);

    internal bool IsWaiting => wait.IsPending;

    /// <summary>True when <see cref="TryTake"/> has a reader, false when the device has drained. Continuations never run on a lane's thread.</summary>
    /// <exception cref="DeviceFaultException">The device closed, and what was generated before has been read.</exception>
    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default)
    {
        Touch();
        return wait.Start(cancellationToken);
    }

    /// <summary>Takes a sequence with news: tokens, an end or an error. Its reader is the caller's to read out, and to dispose at an end or an error.</summary>
    public bool TryTake(out FeedReader reader)
    {
        if (!news.TryDequeue(out reader!)) return false;
        Touch();
        reader.Heard();
        return true;
    }

    /// <summary>Lets all outputs go, as <see cref="OutputReader.Dispose"/> does with each.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref isDisposed, true)) return;
        disposed(this);
        foreach (var reader in readers.Keys) reader.Dispose();
        wait.Wake();
        wait.Dispose();
    }

    internal void Add(FeedReader reader) => readers.TryAdd(reader, true);

    internal void Forget(FeedReader reader) => readers.TryRemove(reader, out _);

    internal void Tell(FeedReader reader)
    {
        news.Enqueue(reader);
        if (!held) wait.Wake();
    }

    /// <summary>Collects news until <see cref="LetGo"/>, so that the consumer is woken once.</summary>
    internal void Hold() => held = true;

    internal void LetGo()
    {
        held = false;
        if (!news.IsEmpty) wait.Wake();
    }

    /// <summary>Nothing comes after the news that are out.</summary>
    /// <param name="fault">Why; null when all outputs have ended.</param>
    internal void Complete(DeviceFaultException? fault)
    {
        Volatile.Write(ref outcome, new OutputOutcome(null, fault));
        wait.Wake();
    }

    private void Touch() => Volatile.Write(ref lastSign, time.GetTimestamp());

    private ReadState Decide()
    {
        if (Volatile.Read(ref isDisposed)) return ReadState.Failed(new ObjectDisposedException(nameof(TokenFeed)));
        var over = Volatile.Read(ref outcome);      // before the news: once it is set, none come
        if (!news.IsEmpty) return ReadState.Ready;
        if (over is null) return ReadState.Undecided;
        return over.Failure is { } fault ? ReadState.Failed(fault) : ReadState.AtEnd;
    }
}
