using Orleans.Concurrency;
using Orleans.Placement;
using Splitwiser.Gpu.Phases;

namespace Splitwiser.Grains;

/// <summary>The prompt phase's door.</summary>
// Reentrant: it holds no state of its own, and a prompt that waits in the worker's queue must keep no other out.
[OnDevice, Immovable, Reentrant]
internal sealed class PrefillGrain(LocalDevices devices, ILocalSiloDetails silo) : DeviceGrain(devices, silo), IPrefillGrain
{
    public Task<KvHandoff> Prefill(PrefillRequest request, CancellationToken cancellationToken) => AskAsync(async worker =>
    {
        var prompt = request.ToDevice(worker.Runner.Model.HiddenSize);
        var handoff = await worker.Prefill(prompt, cancellationToken);
        RequestTrace.OnDevice(request.TraceParent, Device, handoff.Queue, handoff.Prefill, handoff.PromptLength, handoff.CachedLength);
        if (!cancellationToken.IsCancellationRequested)
            return handoff.ToWire(worker.Options.ConsumerIdleTimeout) with { Findings = PromptFindings.Of(prompt.Probe) };
        worker.Release(handoff.Lease); // the caller left as it was answered: it will never know the lease
        throw new OperationCanceledException(cancellationToken);
    });

    public Task<bool> Withdraw(Guid ticket, CancellationToken cancellationToken) => Task.FromResult(Ask(worker => worker.Withdraw(ticket)));
}
