using Splitwiser.Gpu;

namespace Splitwiser.Device.Tests;

/// <summary>Holds the lanes of a <see cref="PagedRunner"/> before their steps until the test lets them pass.</summary>
internal sealed class StepGate : IDisposable
{
    private readonly SemaphoreSlim arrived = new(0);
    private readonly SemaphoreSlim passes = new(0);
    private volatile bool open;

    public StepGate(PagedRunner runner) => runner.OnRun = Hold;

    /// <summary>What the step that stands at the gate computes.</summary>
    public string AtGate { get; private set; } = "";

    /// <summary>Completes when a lane stands at the gate with a step planned and not run.</summary>
    public async Task Arrival()
    {
        if (!await arrived.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken)) throw new TimeoutException("No step came.");
    }

    public void Pass() => passes.Release();

    public async Task PassNext()
    {
        await Arrival();
        Pass();
    }

    /// <summary>Lets steps pass until the condition holds; the next one stands at the gate then.</summary>
    public async Task PassUntil(Func<bool> reached)
    {
        await Arrival();
        while (!reached())
        {
            Pass();
            await Arrival();
        }
    }

    public void Open()
    {
        open = true;
        passes.Release(1000);
    }

    public void Dispose() => Open();

    private void Hold(Lane lane, StepPlan plan)
    {
        if (open) return;
        AtGate = $"{lane}: {plan.Prefill.Count} prompts, {plan.Decode.Count} rows";
        arrived.Release();
        passes.Wait();
    }
}
