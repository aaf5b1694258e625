using Splitwiser.Gpu.Kv;

namespace Splitwiser.Device.Tests;

/// <summary>Holds the copies of one direction of a <see cref="PagedRunner"/> until the test lets them pass.</summary>
internal sealed class CopyGate : IDisposable
{
    private readonly CopyDirection direction;
    private readonly SemaphoreSlim arrived = new(0);
    private readonly ManualResetEventSlim open = new(false);

    public CopyGate(PagedRunner runner, CopyDirection direction)
    {
        this.direction = direction;
        runner.OnCopy = Hold;
    }

    /// <summary>Completes when copies stand at the gate.</summary>
    public async Task Arrival()
    {
        if (!await arrived.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken)) throw new TimeoutException("No copy came.");
    }

    public void Dispose() => open.Set();

    private void Hold(CopyDirection which, PageCopy[] copies)
    {
        if (which != direction) return;
        arrived.Release();
        open.Wait();
    }
}
