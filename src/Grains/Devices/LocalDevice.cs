using Splitwiser.Gpu.Phases;

namespace Splitwiser.Grains;

/// <summary>One device of this silo through its lives: a worker each, from opening until it has drained or failed.</summary>
public sealed class LocalDevice
{
    private readonly Lock gate = new(); // guards the fields below, never held across an await
    private readonly DeviceFactory factory;
    private readonly Action<LocalDevice> told;
    private readonly CancellationTokenSource ending = new();
    private CancellationTokenSource? cut;   // ends a drain's patience
    private DeviceWorker? held;             // its memory is not given back yet
    private DeviceState state = DeviceState.Closed;
    private string? reason;
    private DevicePace pace;
    private RecentTokens recent;
    private (DeviceWorker Worker, DeviceWork Work, long At)? read;
    private Task opening = Task.CompletedTask;
    private Task cleared = Task.CompletedTask; // of every life that is over

    /// <param name="told">Called when the state has changed, from any thread.</param>
    internal LocalDevice(string key, int index, DeviceFactory factory, Action<LocalDevice> told) =>
        (Key, Index, this.factory, this.told) = (key, index, factory, told);

    /// <summary>"silo/index".</summary>
    public string Key { get; }

    /// <summary>Of its latest life; what that has counted stays to be read when it is over. Null before the first.</summary>
    public DeviceWorker? Worker { get; private set; }

    /// <summary>How fast it is and how much it has computed lately, by all that it has done since this was read last.</summary>
    internal (DevicePace Pace, RecentTokens Recent) ReadWork()
    {
        lock (gate)
        {
            if (Worker is not { } worker) return default;
            var (now, at) = (DeviceWork.Of(worker.Statistics), factory.Time.GetTimestamp());
            (pace, recent) = read is { } last && last.Worker == worker
                ? (pace.After(last.Work, now), recent.After(factory.Time.GetElapsedTime(last.At, at), now.Tokens - last.Work.Tokens))
                : default;
            read = (worker, now, at);
            return (pace, recent);
        }
    }

    /// <summary>The state, and why it is not open.</summary>
    public (DeviceState State, string? Reason) Told()
    {
        lock (gate)
            return state is DeviceState.Open or DeviceState.Draining && Worker?.Fault is { } fault ? (DeviceState.Failed, fault.Message) : (state, reason);
    }

    internal int Index { get; }

    /// <summary>Begins a life: makes a worker and has it compute what is known. Completes when it takes requests, or has failed the check.</summary>
    /// <exception cref="DeviceControlException">It has one.</exception>
    internal Task Open()
    {
        lock (gate)
        {
            Move(DeviceState.Opening, null);
            opening = Task.Run(Start);
        }

        told(this);
        return opening;
    }

    /// <exception cref="DeviceControlException">It is neither open nor draining.</exception>
    internal void Drain(TimeSpan? within)
    {
        lock (gate)
        {
            if (Told().State != DeviceState.Draining)
            {
                Move(DeviceState.Draining, null);
                var (worker, source) = (Worker!, cut = new());
                var drained = worker.Drain(source.Token); // it takes nothing from here on, whatever its callers still think
                _ = Task.Run(() => RunOut(worker, drained, source)); // not under the lock: it may be over at once
            }

            if (within is { } patience) cut!.CancelAfter(patience);
        }

        told(this);
    }

    /// <exception cref="DeviceControlException">It is not open.</exception>
    internal async Task<SelfCheck> Check(CancellationToken cancellationToken)
    {
        if (Told().State is var now and not DeviceState.Open) throw Wrong(now, "checked");
        var (worker, begun) = (Worker!, factory.Time.GetTimestamp());
        var flaw = await KnownComputation.FlawOf(worker, factory.Options.CheckDeadline, factory.Time, cancellationToken);
        if (flaw is not null) Fail(worker, flaw);
        return new(Key, flaw, factory.Time.GetElapsedTime(begun));
    }

    /// <summary>Cuts whatever runs, for good. Also what a silo comes to that failed to start, or was killed.</summary>
    internal async Task End()
    {
        await ending.CancelAsync();
        await opening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Clear();
    }

    internal DeviceControlException Wrong(DeviceState now, string asked) =>
        new(ControlRefusal.WrongState, $"{Key} is {now.ToString().ToLowerInvariant()}: it can't be {asked} now.");

    /// <exception cref="Exception">The worker can't be made; the state says so, too.</exception>
    private async Task Start()
    {
        await Clear(); // the memory of the life before
        try
        {
            var worker = factory.Devices.Open(Index);
            lock (gate) held = worker;
            var flaw = await KnownComputation.FlawOfNew(worker, factory.Options.CheckDeadline, factory.Time, ending.Token);
            if (flaw is null)
                foreach (var prompt in factory.Devices.PinnedPrompts) await worker.Pin(prompt.AsMemory(), cancellationToken: ending.Token);
            if (flaw is null) factory.Log.DeviceOpened(Key, factory.Devices.Model.Name, worker.Runner.Info.DeviceName, worker.Runner.Info.MemoryBytes >> 20, worker.Runner.Info.PageCount, worker.Options.Mode.ToString());
            else await Clear();
            Settle(flaw is null ? DeviceState.Open : DeviceState.Failed, SelfCheckSaid(flaw), worker);
        }
        catch (Exception error) // an operator reads why, and whoever waits gets it
        {
            await Clear();
            Settle(DeviceState.Failed, error.Message, Worker);
            throw;
        }
    }

    private async Task RunOut(DeviceWorker worker, Task drained, CancellationTokenSource patience)
    {
        await drained.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (gate)
        {
            patience.Dispose();
            if (Told().State == DeviceState.Draining) // else it failed meanwhile, and says so itself
                Move(DeviceState.Closed, drained.IsCompletedSuccessfully ? "Drained." : "Drained; what still ran was cut.");
        }

        told(this);
        await Clear();
    }

    private void Fail(DeviceWorker worker, string flaw)
    {
        lock (gate)
        {
            if (Worker != worker || Told().State is not (DeviceState.Open or DeviceState.Draining)) return;
            Move(DeviceState.Failed, SelfCheckSaid(flaw));
        }

        told(this);
        _ = Clear();
    }

    private static string? SelfCheckSaid(string? flaw) => flaw is null ? null : $"Self-check: {flaw}";

    private void Settle(DeviceState to, string? why, DeviceWorker? worker)
    {
        lock (gate)
        {
            Move(to, why);
            Worker = worker;
        }

        told(this);
    }

    private void Move(DeviceState to, string? why)
    {
        var from = Told().State;
        state = (from, to) switch
        {
            (DeviceState.Closed or DeviceState.Failed, DeviceState.Opening) => to,
            (DeviceState.Opening, DeviceState.Open or DeviceState.Failed) => to,
            (DeviceState.Open, DeviceState.Draining or DeviceState.Failed) => to,
            (DeviceState.Draining, DeviceState.Closed or DeviceState.Failed) => to,
            _ => throw Wrong(from, to == DeviceState.Opening ? "opened" : "drained"),
        };
        reason = why;
    }

    /// <summary>Gives the memory back, when no step computes in it any more.</summary>
    private Task Clear()
    {
        lock (gate)
        {
            cleared = Dispose(held, cleared);
            held = null;
            return cleared;
        }
    }

    private static async Task Dispose(DeviceWorker? worker, Task before)
    {
        await before;
        if (worker is null) return;
        await worker.DisposeAsync();
        worker.Runner.Dispose();
    }
}
