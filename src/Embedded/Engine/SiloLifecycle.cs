namespace Splitwiser.Embedded;

/// <summary>Starts the observers stage by stage, and stops those that started in the opposite order.</summary>
internal sealed class SiloLifecycle(ILogger<SiloLifecycle> log) : ISiloLifecycle
{
    private readonly List<Subscription> subscriptions = [];
    private int? reached; // the last stage whose start began

    public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
    {
        if (reached is not null) throw new InvalidOperationException("The lifecycle has started.");
        var subscription = new Subscription(observerName, stage, observer, subscriptions);
        subscriptions.Add(subscription);
        return subscription;
    }

    public async Task Start(CancellationToken token)
    {
        foreach (var stage in subscriptions.ToLookup(s => s.Stage).OrderBy(s => s.Key))
        {
            token.ThrowIfCancellationRequested();
            reached = stage.Key;
            await Task.WhenAll(stage.Select(async s => await s.Observer.OnStart(token)));
        }
    }

    /// <summary>Goes through all stages, whatever the observers throw. <paramref name="token"/> asks them to hurry.</summary>
    public async Task Stop(CancellationToken token)
    {
        foreach (var stage in subscriptions.Where(s => s.Stage <= reached).ToLookup(s => s.Stage).OrderByDescending(s => s.Key))
            await Task.WhenAll(stage.Select(s => Stop(s, token)));
        reached = int.MinValue;
    }

    private async Task Stop(Subscription subscription, CancellationToken token)
    {
        try { await subscription.Observer.OnStop(token); }
        catch (Exception error) { log.StopFailed(error, subscription.Name, subscription.Stage); } // the edge of an observer's code: the others stop all the same
    }

    private sealed record Subscription(string Name, int Stage, ILifecycleObserver Observer, List<Subscription> All) : IDisposable { public void Dispose() => All.Remove(this); }
}
