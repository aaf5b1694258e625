using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Hosting;

/// <summary>
/// Ends the host in order: first new requests are refused, while the server still listens to say so; then the running ones may
/// finish, for as long as the shutdown timeout; then what is left is cut and server and silo stop.
/// </summary>
internal sealed class Drain(SplitwiserOptions options, TimeProvider time, ILogger<Drain> logger) : IHostedLifecycleService
{
    private readonly Lock gate = new(); // guards running and draining, never held across an await
    private readonly TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource cut = new();
    private int running;
    private bool draining;

    /// <summary>Fires when the time for running requests is over.</summary>
    public CancellationToken Cut => cut.Token;

    public bool IsDraining
    {
        get
        {
            lock (gate)
                return draining;
        }
    }

    /// <summary>Counts a request as running; false when the host is shutting down. Each true needs one <see cref="Leave"/>.</summary>
    public bool TryEnter()
    {
        lock (gate)
        {
            if (draining)
                return false;
            running++;
            return true;
        }
    }

    public void Leave()
    {
        lock (gate)
        {
            if (--running == 0 && draining)
                idle.TrySetResult();
        }
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        int left;
        lock (gate)
        {
            draining = true;
            left = running;
            if (running == 0)
                idle.TrySetResult();
        }

        if (left == 0)
            return;
        Log.Draining(logger, left, options.ShutdownTimeout);
        try
        {
            await idle.Task.WaitAsync(TimeSpan.FromSeconds(options.ShutdownTimeout), time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            Log.DrainCut(logger);
            await cut.CancelAsync();
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
