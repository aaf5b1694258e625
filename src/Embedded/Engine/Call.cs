namespace Splitwiser.Embedded;

/// <summary>A message to a grain and the wait for its answer. Settles once: by the answer, a failure, its deadline or its token.</summary>
internal abstract class Call(Node origin, GrainId target, bool interleaves)
{
    private const int MaximumHops = 8;
    private Activation? server; // who has the message
    private CancellationTokenSource? stop; // the token that the grain's code sees; touched in the server's turns only
    private Timer? deadline;
    private CancellationTokenRegistration watch;
    private int hops;

    public GrainId Target { get; } = target;
    public bool Interleaves { get; } = interleaves;
    public Silo? Server => Volatile.Read(ref server)?.Silo;
    public abstract bool IsSettled { get; }
    protected Node Origin { get; } = origin;
    public abstract void Fail(Exception error);

    /// <summary>In a turn of <paramref name="activation"/>, which is told when the call is done.</summary>
    public abstract Task Run(Activation activation);

    /// <returns>False when the message went around too often, as it may when silos stop faster than grains settle.</returns>
    public bool Hop() => ++hops <= MaximumHops;

    public void GiveTo(Activation activation)
    {
        server = activation;
        Interlocked.MemoryBarrier(); // Silo.Cut sets its mark first and looks at calls second; here it is the other way round
    }

    /// <summary>In a turn of the activation that has the message.</summary>
    public void Arrive() => server!.Accept(this);

    protected abstract void Cancel(CancellationToken token);
    protected CancellationToken GrainToken() => (stop = new()).Token;

    protected void Start(TimeSpan timeout, CancellationToken token)
    {
        Origin.Track(this);
        deadline = new(static call => ((Call)call!).OnDeadline(), this, timeout, Timeout.InfiniteTimeSpan);
        watch = token.UnsafeRegister(static (call, token) => ((Call)call!).OnCancelled(token), this);
        if (!IsSettled) Origin.Submit(this);
        if (IsSettled) Release(); // it may have settled before it knew its deadline and its watch
    }

    protected void Release()
    {
        Origin.Forget(this);
        deadline?.Dispose();
        watch.Unregister(); // does not wait for a callback that is running: it may be what settled this
    }

    private void OnDeadline()
    {
        Fail(new TimeoutException($"No answer from {Target} in time."));
        if (Origin.Messaging.CancelRequestOnTimeout) StopServer();
    }

    private void OnCancelled(CancellationToken token)
    {
        Cancel(token);
        StopServer();
    }

    /// <summary>As a turn of the grain: callbacks on its token are its code.</summary>
    private void StopServer() => Volatile.Read(ref server)?.Post(() => stop?.Cancel());
}

/// <inheritdoc/>
internal abstract class Call<T>(Node origin, GrainId target, bool interleaves) : Call(origin, target, interleaves)
{
    private readonly TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override bool IsSettled => answer.Task.IsCompleted;

    public Task<T> Send(TimeSpan timeout, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        Start(timeout, token);
        return answer.Task;
    }

    public override void Fail(Exception error)
    {
        if (answer.TrySetException(error)) Release();
    }

    public override async Task Run(Activation activation)
    {
        try
        {
            var result = await Invoke(activation);
            if (!IsSettled && !activation.Silo.IsCut && answer.TrySetResult(Copy(result))) Release();
        }
        catch (Exception error) when (!IsSettled && !activation.Silo.IsCut) { Fail(Fault.Copy(error)); } // the edge of grain code
        catch (Exception) { } // nobody waits
        finally { activation.Finish(this); }
    }

    protected abstract Task<T> Invoke(Activation activation);
    protected virtual T Copy(T result) => result;

    protected override void Cancel(CancellationToken token)
    {
        if (answer.TrySetCanceled(token)) Release();
    }
}
