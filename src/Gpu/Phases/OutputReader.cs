using Splitwiser.Gpu.Kv;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Gpu.Phases;

/// <summary>A place in a sequence's output that moves on as it is read. A sequence has one reader at a time.</summary>
public abstract class OutputReader : IDisposable
{
    private readonly TimeProvider time;
    private readonly Action<OutputReader> disposed;
    private bool superseded;
    private bool isDisposed;

    private protected OutputReader(LeaseId lease, OutputBuffer buffer, int fromIndex, TimeProvider time, Action<OutputReader> disposed) =>
        (Lease, Buffer, Position, this.time, this.disposed) = (lease, buffer, fromIndex, time, disposed);

    public LeaseId Lease { get; }

    /// <summary>Output index of the token that is read next.</summary>
    public int Position { get; private set; }

    /// <summary>Whether the request asked for logprobs: <see cref="OutputToken"/>'s is one, and <see cref="TopLogprobs"/> may have more.</summary>
    public bool HasLogprobs => Buffer.HasLogprobs;

    /// <summary>How the sequence ended; set once everything was read and the end was seen.</summary>
    public SequenceEnd? End { get; private set; }

    internal OutputBuffer Buffer { get; }

    /// <summary>It has read all there is, and will be told of more.</summary>
    internal abstract bool IsWaiting { get; }

    /// <summary>Timestamp of the last sign of life of whoever reads.</summary>
    internal virtual long LastSign => 0;

    /// <summary>Takes the next token if it is there.</summary>
    public bool TryRead(out OutputToken token)
    {
        if (!Decide().HasToken)
        {
            token = default;
            return false;
        }

        token = new OutputToken(Position, Buffer[Position]);
        Position++;
        return true;
    }

    /// <summary>The most likely tokens at a position that was read, most likely first; empty when none were asked for.</summary>
    public ReadOnlySpan<TokenLogprob> TopLogprobs(int index) => Buffer.TopLogprobs(index);

    /// <summary>Lets the output go. Before its end that starts the ConsumerIdleTimeout: another reader may attach until then.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref isDisposed, true)) return;
        Leave();
        disposed(this);
    }

    /// <summary>There may be news: a token, or an end.</summary>
    internal abstract void Wake();

    internal void Supersede()
    {
        Volatile.Write(ref superseded, true);
        Wake();
    }

    /// <summary>It is disposed: nobody waits for news any more.</summary>
    private protected abstract void Leave();

    private protected void Touch() => Buffer.Touch(time.GetTimestamp());

    private protected ReadState Decide()
    {
        if (Volatile.Read(ref superseded)) return ReadState.Failed(new ReaderSupersededException(Lease));
        if (Volatile.Read(ref isDisposed)) return ReadState.Failed(new ObjectDisposedException(GetType().Name));
        var outcome = Buffer.Outcome;               // before the count: once it is set, the count stands
        if (Position < Buffer.Count)
        {
            Touch();                                // a wait kept it alive; the reads that follow must find it so
            return ReadState.Ready;
        }

        if (outcome is null) return ReadState.Undecided;
        if (outcome.Failure is { } failure) return ReadState.Failed(failure);
        End = outcome.End;
        return ReadState.AtEnd;
    }
}
