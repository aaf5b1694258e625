using Splitwiser.Gpu.Kv;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Gpu.Phases;

/// <summary>The pull side of a sequence's output. One consumer: a wait, then reads until there is nothing more, then the next wait.</summary>
public sealed class TokenReader : IDisposable
{
    private readonly OutputBuffer buffer;
    private readonly TimeProvider time;
    private readonly Action<TokenReader> disposed;
    private readonly ReaderWait wait;
    private int position;
    private bool superseded;
    private bool isDisposed;

    internal TokenReader(LeaseId lease, OutputBuffer buffer, int fromIndex, TimeProvider time, Action<TokenReader> disposed)
    {
        Lease = lease;
        this.buffer = buffer;
        this.time = time;
        this.disposed = disposed;
        position = fromIndex;
        wait = new ReaderWait(Decide);
    }

    public LeaseId Lease { get; }

    /// <summary>Whether the request asked for logprobs: <see cref="OutputToken"/>'s is one, and <see cref="TopLogprobs"/> may have more.</summary>
    public bool HasLogprobs => buffer.HasLogprobs;

    /// <summary>How the sequence ended; set once everything was read and the end was seen.</summary>
    public SequenceEnd? End { get; private set; }

    /// <summary>
    /// True when <see cref="TryRead"/> has a token, false at the end. Continuations never run on a lane's thread.
    /// Throws <see cref="DeviceFaultException"/>, <see cref="LeaseExpiredException"/> or <see cref="ReaderSupersededException"/>;
    /// the first two only after what was generated before has been read.
    /// </summary>
    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default)
    {
        buffer.Touch(time.GetTimestamp());
        return wait.Start(cancellationToken);
    }

    /// <summary>Takes the next token if it is there.</summary>
    public bool TryRead(out OutputToken token)
    {
        token = default;
        if (Volatile.Read(ref superseded) || Volatile.Read(ref isDisposed)) return false;
        if (position >= buffer.Count)
        {
            Decide();
            return false;
        }

        buffer.Touch(time.GetTimestamp());
        token = new OutputToken(position, buffer[position]);
        position++;
        return true;
    }

    /// <summary>The most likely tokens at a position that was read, most likely first; empty when none were asked for.</summary>
    public ReadOnlySpan<TokenLogprob> TopLogprobs(int index) => buffer.TopLogprobs(index);

    /// <summary>Lets the output go. Before its end that starts the ConsumerIdleTimeout: another reader may attach until then.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref isDisposed, true)) return;
        wait.Wake();
        wait.Dispose();
        disposed(this);
    }

    internal bool IsWaiting => wait.IsPending;

    internal OutputBuffer Buffer => buffer;

    internal void Wake() => wait.Wake();

    internal void Supersede()
    {
        Volatile.Write(ref superseded, true);
        wait.Wake();
    }

    private ReadState Decide()
    {
        if (Volatile.Read(ref superseded)) return ReadState.Failed(new ReaderSupersededException(Lease));
        if (Volatile.Read(ref isDisposed)) return ReadState.Failed(new ObjectDisposedException(nameof(TokenReader)));
        var outcome = buffer.Outcome;               // before the count: once it is set, the count stands
        if (position < buffer.Count)
        {
            buffer.Touch(time.GetTimestamp());      // the wait kept it alive; the reads that follow must find it so
            return ReadState.Ready;
        }

        if (outcome is null) return ReadState.Undecided;
        if (outcome.Failure is { } failure) return ReadState.Failed(failure);
        End = outcome.End;
        return ReadState.AtEnd;
    }
}

/// <summary>What a reader finds at its position: a token, the end, an error, or nothing yet.</summary>
internal readonly record struct ReadState(bool IsDecided, bool HasToken, Exception? Failure)
{
    public static readonly ReadState Undecided = new(false, false, null);
    public static readonly ReadState Ready = new(true, true, null);
    public static readonly ReadState AtEnd = new(true, false, null);

    public static ReadState Failed(Exception failure) => new(true, false, failure);
}
