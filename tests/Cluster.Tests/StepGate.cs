namespace Splitwiser.Cluster.Tests;

/// <summary>Every decode step waits until it is let go on, so that an answer comes to its end no sooner than a test wants it to. Opens when disposed.</summary>
internal sealed class StepGate : IDisposable
{
    private readonly SemaphoreSlim let = new(0);
    private volatile int held;
    private volatile bool isOpen;

    /// <summary>Rows and prompts of the step that waits; 0 while none does.</summary>
    public int Held => held;

    /// <summary>The step that waits goes on.</summary>
    public void Let()
    {
        held = 0;
        let.Release();
    }

    public void Dispose()
    {
        isOpen = true;
        let.Release();
    }

    /// <summary>By the runner, on a lane's thread.</summary>
    public void Pass(int size)
    {
        if (isOpen) return;
        held = size;
        let.Wait();
        if (isOpen) let.Release();      // and whoever else waits
    }
}
