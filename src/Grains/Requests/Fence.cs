namespace Splitwiser.Grains;

/// <summary>Of the calls on one request only the newest lives. The calls are streams of one activation: they interleave at awaits, never run in parallel.</summary>
internal sealed class Fence
{
    private Turn? current;

    public RequestState State => current switch
    {
        null or { IsOver: true } => RequestState.Unknown,
        { IsParked: true } => RequestState.WaitsForReader,
        _ => RequestState.AtWork,
    };

    /// <summary>Ends the call before this one and gives its device back.</summary>
    public async Task<Turn> Take(CancellationToken cancellationToken)
    {
        var turn = new Turn(cancellationToken);
        var before = current;
        current = turn;
        if (before is not null) await before.Supersede();
        return turn;
    }
}

/// <summary>One call on a request, while it is the newest.</summary>
internal sealed class Turn(CancellationToken cancellationToken) : IDisposable
{
    private readonly CancellationTokenSource source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    private bool superseded;
    private DeviceRun? run;

    public bool IsOver { get; private set; }

    /// <summary>Its stream stands at a yield: the reader has not come back.</summary>
    public bool IsParked { get; private set; }

    /// <summary>Fires when the caller cancels or another call takes over.</summary>
    public CancellationToken Token => source.Token;

    /// <exception cref="RequestLostException">Another call took over.</exception>
    public async ValueTask<T> Guard<T>(ValueTask<T> work)
    {
        try
        {
            return await work;
        }
        catch (OperationCanceledException) when (superseded)
        {
            throw new RequestLostException(LossReason.Superseded, "Another call on this request took over.");
        }
    }

    /// <summary>Keeps in mind what there is to give back when another call takes over.</summary>
    public async Task<DeviceRun> Start(Task<DeviceRun> starting) => run = await Guard(new ValueTask<DeviceRun>(starting));

    /// <summary>Around a yield: parked until the reader comes back or leaves.</summary>
    public Parking Park() => new(this);

    public async Task Supersede()
    {
        if (IsOver) return;
        superseded = true;
        await source.CancelAsync();
        if (run is not null) await run.DisposeAsync();
    }

    public void Dispose()
    {
        IsOver = true;
        source.Dispose();
    }

    public readonly struct Parking : IDisposable
    {
        private readonly Turn turn;

        public Parking(Turn turn) => (this.turn = turn).IsParked = true;

        public void Dispose() => turn.IsParked = false;
    }
}
