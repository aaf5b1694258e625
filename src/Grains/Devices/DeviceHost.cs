using Microsoft.Extensions.Logging;
using Splitwiser.Gpu.Phases;

namespace Splitwiser.Grains;

/// <summary>
/// Keeps a silo's devices in step with the silo: opens them before it joins its cluster, reports them while it is active, lets their
/// work run out before it stops, and closes them after its last call.
/// </summary>
internal sealed class DeviceHost(
    LocalDevices devices, DeviceSet set, DeviceView view, OpenStreams streams, IGrainFactory grains, ILocalSiloDetails silo,
    GrainOptions options, TimeProvider time, ILogger<DeviceHost> log) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly PeriodicTimer timer = new(options.HeartbeatPeriod, time);
    private Task heartbeats = Task.CompletedTask;
    private volatile bool leaving;

    public void Participate(ISiloLifecycle lifecycle)
    {
        // Before anything of the silo: one whose devices can't be opened has not joined its cluster yet, and nothing of Orleans' is left running.
        lifecycle.Subscribe("splitwiser.devices", ServiceLifecycleStage.RuntimeInitialize - 1, Open, Close);
        // Left before anything else stops: Orleans sends a gateway's clients away at Active, and what runs here is to end with them.
        lifecycle.Subscribe("splitwiser.heartbeats", ServiceLifecycleStage.Active + 1, Join, Leave);
    }

    private Task Open(CancellationToken cancellationToken) => devices.Open(new(set, options, time, log));

    private Task Close(CancellationToken cancellationToken) => devices.DisposeAsync().AsTask();

    /// <summary>The first report is out before the silo counts as started, so that it can be routed to at once.</summary>
    private async Task Join(CancellationToken cancellationToken)
    {
        await Beat(cancellationToken);
        heartbeats = Task.Run(Beats, CancellationToken.None); // not in the caller's context
    }

    private async Task Leave(CancellationToken cancellationToken)
    {
        leaving = true;
        await Beat(cancellationToken);
        var drained = RunOut(cancellationToken);
        await drained.WaitAsync(options.DrainDeadline, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!drained.IsCompletedSuccessfully) log.NotDrained();
        Dispose();
        await heartbeats;
    }

    /// <summary>First the last tokens leave the devices, then they arrive where they are read, then what they became leaves this silo.</summary>
    private async Task RunOut(CancellationToken cancellationToken)
    {
        await Task.WhenAll(devices.All.Select(device => device.Drain(cancellationToken)));
        await streams.ItemsArrived().WaitAsync(options.SignOfLife, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await streams.AnswersEnded();
    }

    /// <summary>Also what a killed silo comes to.</summary>
    public void Dispose()
    {
        stopping.Cancel();
        timer.Dispose();
    }

    /// <summary>In its time, and at once when a device's state has changed: the others route to it, or no more.</summary>
    private async Task Beats()
    {
        var tick = timer.WaitForNextTickAsync(CancellationToken.None).AsTask();
        while (!tick.IsCompleted || await tick)
        {
            if (tick.IsCompleted) tick = timer.WaitForNextTickAsync(CancellationToken.None).AsTask();
            var change = devices.Change; // before the report that may miss it
            await Beat(stopping.Token);
            await Task.WhenAny(tick, change);
        }
    }

    /// <summary>A heartbeat that fails is only late: the next one says the same.</summary>
    private async Task Beat(CancellationToken cancellationToken)
    {
        try
        {
            var directory = grains.GetGrain<IDeviceDirectoryGrain>(0);
            view.Renew(await directory.Heartbeat(Report(), cancellationToken).WaitAsync(options.SignOfLife, time, cancellationToken));
        }
        catch (Exception error) // the loop's edge
        {
            if (!cancellationToken.IsCancellationRequested) log.HeartbeatFailed(error.Message);
        }
    }

    private SiloReport Report() => new(silo.Name, [.. devices.Each.Select(ReportOf).OfType<DeviceReport>()], leaving);

    /// <summary>Null for a device that opens for the first time.</summary>
    private DeviceReport? ReportOf(LocalDevice device)
    {
        if (device.Worker is not { } worker) return null;
        var (load, (pace, recent), (state, reason)) = (worker.Load, device.ReadWork(), device.Told());
        return new()
        {
            Device = device.Key,
            Model = set.Model.Name,
            Hardware = worker.Runner.Info.DeviceName,
            MemoryBytes = worker.Runner.Info.MemoryBytes,
            MaxModelLength = set.Model.MaxModelLength,
            Multiprocessors = worker.Runner.Info.Multiprocessors,
            Mode = worker.Options.Mode.ToString(),
            Open = state == DeviceState.Open,
            State = state,
            Reason = reason,
            Waiting = load.Waiting,
            Running = load.Running,
            QueuedTokens = load.QueuedTokens,
            SecondsPerPromptToken = pace.PromptToken,
            SecondsPerStep = pace.Step,
            RecentTokens = recent.Count,
            Pages = worker.Pages.ToWire(),
            CachedPrefixes = load.CachedPrefixes.Sort(),
        };
    }
}
