namespace Splitwiser.Embedded;

/// <summary>One grain in one silo. All its state but the queue of turns is touched in turns only, so it needs no lock.</summary>
internal sealed class Activation
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // with code that activates, or ends its calls to be deactivated
    private readonly TurnScheduler turns;
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<Call> waiting = new();
    private AsyncServiceScope? scope;
    private Phase phase;
    private Call? blocking; // the running call that others wait for
    private int running;
    private bool pumping;
    private long lastUse = Environment.TickCount64; // ms
    private TaskCompletionSource? idle; // set while a deactivation waits for running calls
    private DeactivationReason? leaveAfterActivation;

    public Activation(GrainId id, GrainClass type, Silo silo)
    {
        (GrainId, Class, Silo) = (id, type, silo);
        turns = new(this);
        Streams = new(this);
    }

    private enum Phase { Created, Activating, Active, Leaving, Gone }

    /// <summary>The activation whose turn this thread runs.</summary>
    public static Activation? Current => TurnScheduler.CurrentOwner;
    public GrainId GrainId { get; }
    public GrainClass Class { get; }
    public Silo Silo { get; }
    public Streams Streams { get; }
    public Grain? Grain { get; private set; }
    public Task Ended => ended.Task;

    /// <summary>From any thread, like the next three.</summary>
    public void Receive(Call call)
    {
        call.GiveTo(this);
        if (Silo.IsCut) call.Fail(new SiloUnavailableException($"{Silo} is gone."));
        else turns.Post(static call => ((Call)call!).Arrive(), call);
    }

    public void Post(Action turn) => turns.Post(static turn => ((Action)turn!)(), turn);
    public void Deactivate(DeactivationReason reason, CancellationToken hurry = default) => Post(() => _ = Leave(reason, hurry));

    public void DeactivateIfIdle(TimeSpan age) => Post(() =>
    {
        if (running == 0 && Environment.TickCount64 - lastUse > age.TotalMilliseconds)
            _ = Leave(new(DeactivationReasonCode.ActivationIdle, $"Nobody called for {age}."), default);
    });

    /// <summary>In a turn, when a call comes.</summary>
    public void Accept(Call call)
    {
        if (phase == Phase.Created && !Silo.TakesActivations) Vanish(); // placed here just before the silo began to stop
        if (phase == Phase.Gone) Silo.Cluster.Forward(call, Silo);
        else if (phase == Phase.Active && !Blocks(call)) Run(call);
        else waiting.Enqueue(call);
        if (phase == Phase.Created) _ = Activate();
        else Pump();
    }

    /// <summary>In a turn, when a call is done.</summary>
    public void Finish(Call call)
    {
        running--;
        lastUse = Environment.TickCount64;
        if (blocking == call) blocking = null;
        if (running == 0) idle?.TrySetResult();
        Pump();
    }

    private bool Blocks(Call call) => !call.Interleaves && !Class.Reentrant;

    private void Pump()
    {
        if (pumping) return; // a call that ends at once comes back here from within Run
        pumping = true;
        while (phase == Phase.Active && blocking is null && waiting.TryDequeue(out var call)) Run(call);
        pumping = false;
    }

    private void Run(Call call)
    {
        if (call.IsSettled) return; // its caller no longer waits
        running++;
        if (Blocks(call)) blocking = call;
        lastUse = Environment.TickCount64;
        _ = call.Run(this);
    }

    private async Task Activate()
    {
        phase = Phase.Activating;
        try
        {
            scope = Silo.ServiceProvider.CreateAsyncScope();
            Grain = Class.Create(scope.Value.ServiceProvider);
            using var limit = new CancellationTokenSource(Patience);
            await Grain.OnActivateAsync(limit.Token);
        }
        catch (Exception error) // the edge of grain code: the waiting callers get it
        {
            await End(call => call.Fail(Fault.Copy(error)));
            return;
        }
        phase = Phase.Active;
        var arrived = waiting.ToArray();
        waiting.Clear();
        foreach (var call in arrived) Accept(call);
        if (leaveAfterActivation is { } reason) await Leave(reason, default);
    }

    private async Task Leave(DeactivationReason reason, CancellationToken hurry)
    {
        if (phase == Phase.Created) Vanish();
        if (phase == Phase.Activating) leaveAfterActivation = reason;
        if (phase != Phase.Active) return;
        phase = Phase.Leaving;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(hurry);
        limit.CancelAfter(Patience);
        await Streams.Cut();
        idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (running == 0) idle.SetResult();
        await idle.Task.WaitAsync(limit.Token).ConfigureAwait(TurnScheduler.Quietly);
        await Guard(() => Grain!.OnDeactivateAsync(reason, limit.Token));
        await End(call => Silo.Cluster.Forward(call, Silo));
    }

    private void Vanish()
    {
        phase = Phase.Gone;
        Silo.Cluster.Forget(this);
        ended.TrySetResult();
    }

    private async Task End(Action<Call> settleWaiting)
    {
        Vanish();
        while (waiting.TryDequeue(out var call)) settleWaiting(call);
        await Guard(async () =>
        {
            if (Grain is IAsyncDisposable slow) await slow.DisposeAsync();
            else (Grain as IDisposable)?.Dispose();
            if (scope is not null) await scope.Value.DisposeAsync();
        });
    }

    private async Task Guard(Func<Task> end)
    {
        try { await end(); }
        catch (Exception error) { Silo.Log.GrainCodeFailed(error, GrainId); } // the edge of grain code: the activation ends all the same
    }
}
