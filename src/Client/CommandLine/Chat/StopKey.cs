using System.Runtime.InteropServices;

namespace Splitwiser.Client.CommandLine.Chat;

/// <summary>Ctrl-C: stops the answer that is under way. Without one, it does what it does everywhere.</summary>
internal sealed class StopKey : IDisposable
{
    private readonly Lock gate = new(); // guards answer
    private readonly PosixSignalRegistration interrupt;
    private CancellationTokenSource? answer;

    public StopKey() => interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = Press());

    /// <summary>What an answer runs under; <see cref="End"/> when it is over.</summary>
    public CancellationToken Begin(CancellationToken ct)
    {
        lock (gate)
            return (answer = CancellationTokenSource.CreateLinkedTokenSource(ct)).Token;
    }

    public void End()
    {
        lock (gate)
        {
            answer?.Dispose();
            answer = null;
        }
    }

    /// <summary>False when there was nothing to stop.</summary>
    public bool Press()
    {
        lock (gate)
        {
            if (answer is null)
                return false;
            answer.Cancel();
            return true;
        }
    }

    public void Dispose()
    {
        interrupt.Dispose();
        End();
    }
}
