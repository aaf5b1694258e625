using Splitwiser.Gpu.Kv;

namespace Splitwiser.Gpu.Phases;

/// <summary>Reads one sequence's output. One consumer: a wait, then reads until there is nothing more, then the next wait.</summary>
public sealed class TokenReader : OutputReader
{
    private readonly ReaderWait wait;

    internal TokenReader(LeaseId lease, OutputBuffer buffer, int fromIndex, TimeProvider time, Action<OutputReader> disposed)
        : base(lease, buffer, fromIndex, time, disposed) => wait = new ReaderWait(Decide);

    internal override bool IsWaiting => wait.IsPending;

    /// <summary>
    /// True when <see cref="OutputReader.TryRead"/> has a token, false at the end. Continuations never run on a lane's thread.
    /// Throws <see cref="DeviceFaultException"/>, <see cref="LeaseExpiredException"/> or <see cref="ReaderSupersededException"/>;
    /// the first two only after what was generated before has been read.
    /// </summary>
    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default)
    {
        Touch();
        return wait.Start(cancellationToken);
    }

    internal override void Wake() => wait.Wake();

    private protected override void Leave()
    {
        wait.Wake();
        wait.Dispose();
    }
}
