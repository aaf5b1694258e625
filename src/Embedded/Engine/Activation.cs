using Microsoft.Extensions.DependencyInjection;

namespace Splitwiser.Embedded;

/// <summary>One grain in one silo. All its state but the queue of turns is touched in turns only, so it needs no lock.</summary>
internal sealed class Activation : IGrainContext
{
    private readonly TurnScheduler turns;
    private readonly TaskCompletionSource deactivated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<Call> waiting = new();
    private AsyncServiceScope scope;
    private Grain? grain;
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

    private enum Phase { Created, Activating, Active, Deactivating, Gone }

    /// <summary>The activation whose turn this thread runs.</summary>
    public static Activation? Current => TurnScheduler.CurrentOwner;

    public GrainId GrainId { get; }

    public GrainClass Class { get; }

    public Silo Silo { get; }

    public Streams Streams { get; }

    public object? GrainInstance => grain;

    public IServiceProvider ActivationServices => scope.ServiceProvider;

    public Task Deactivated => deactivated.Task;

    /// <summary>From any thread.</summary>
    public void Receive(Call call)
    {
        call.GiveTo(this);
        if (Silo.IsCut) call.Fail(new SiloUnavailableException($"{Silo} is gone."));
        else turns.Post(static state => ((Call)state!).Arrive(), call);
    }

    public void Post(Action turn) => turns.Post(turn);

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default) =>
        turns.Post(() => _ = Leave(deactivationReason, cancellationToken));

    public void DeactivateIfIdle(TimeSpan age) => turns.Post(() =>
    {
        if (phase == Phase.Active && running == 0 && Environment.TickCount64 - lastUse > age.TotalMilliseconds)
            _ = Leave(new(DeactivationReasonCode.ActivationIdle, $"Nobody called for {age}."), default);
    });

    /// <summary>In a turn, when a call is done.</summary>
    public void Finish(Call call)
    {
        running--;
        lastUse = Environment.TickCount64;
        if (blocking == call) blocking = null;
        if (running == 0) idle?.TrySetResult();
        Pump();
    }

    /// <summary>In a turn, when a call comes.</summary>
    public void Accept(Call call)
    {
        if (phase == Phase.Created && !Silo.TakesActivations) Vanish(); // placed here just before the silo began to stop
        if (phase == Phase.Gone)
        {
            Silo.Cluster.Forward(call, Silo);
        }
        else if (phase == Phase.Active && (call.Interleaves || Class.Reentrant))
        {
            Run(call);
        }
        else
        {
            waiting.Enqueue(call);
            if (phase == Phase.Created) _ = Activate();
            else Pump();
        }
    }

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
        if (!call.Interleaves && !Class.Reentrant) blocking ??= call;
        lastUse = Environment.TickCount64;
        _ = call.Run(this);
    }

    private async Task Activate()
    {
        phase = Phase.Activating;
        try
        {
            scope = Silo.ServiceProvider.CreateAsyncScope();
            grain = Class.Create(scope.ServiceProvider);
            using var limit = new CancellationTokenSource(Silo.PatienceWithGrains);
            await grain.OnActivateAsync(limit.Token);
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
        phase = Phase.Deactivating;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(hurry);
        limit.CancelAfter(Silo.PatienceWithGrains);
        await Streams.Cut();
        if (running > 0)
        {
            idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
            await idle.Task.WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
        try
        {
            await grain!.OnDeactivateAsync(reason, limit.Token);
        }
        catch (Exception error) // the edge of grain code: the activation ends all the same
        {
            Silo.Log.DeactivationFailed(error, GrainId);
        }
        await End(call => Silo.Cluster.Forward(call, Silo));
    }

    private void Vanish()
    {
        phase = Phase.Gone;
        Silo.Cluster.Forget(this);
        deactivated.TrySetResult();
    }

    private async Task End(Action<Call> settleWaiting)
    {
        phase = Phase.Gone;
        Silo.Cluster.Forget(this);
        while (waiting.TryDequeue(out var call)) settleWaiting(call);
        try
        {
            if (grain is IAsyncDisposable slow) await slow.DisposeAsync();
            else (grain as IDisposable)?.Dispose();
            if (scope.ServiceProvider is not null) await scope.DisposeAsync();
        }
        catch (Exception error) // the edge of grain code
        {
            Silo.Log.DeactivationFailed(error, GrainId);
        }
        deactivated.TrySetResult();
    }
}
