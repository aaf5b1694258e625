using Microsoft.Extensions.Logging;

namespace Splitwiser.Embedded;

/// <summary>Starts the observers stage by stage, and stops those that started in the opposite order.</summary>
internal sealed class SiloLifecycle(ILoggerFactory logs) : ISiloLifecycle
{
    private readonly ILogger log = logs.CreateLogger<SiloLifecycle>();
    private readonly List<Subscription> subscriptions = [];
    private int? reached; // the last stage whose start began

    public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
    {
        if (reached is not null) throw new InvalidOperationException("The lifecycle has started.");
        var subscription = new Subscription(observerName, stage, observer);
        subscriptions.Add(subscription);
        return subscription;
    }

    public async Task Start(CancellationToken token)
    {
        foreach (var stage in subscriptions.GroupBy(s => s.Stage).OrderBy(s => s.Key))
        {
            token.ThrowIfCancellationRequested();
            reached = stage.Key;
            await Task.WhenAll(stage.Where(s => !s.Ended).Select(s => Call(s.Observer.OnStart, token)));
        }
    }

    /// <summary>Goes through all stages, whatever the observers throw. <paramref name="token"/> asks them to hurry.</summary>
    public async Task Stop(CancellationToken token)
    {
        foreach (var stage in subscriptions.Where(s => s.Stage <= reached).GroupBy(s => s.Stage).OrderByDescending(s => s.Key))
        {
            reached = stage.Key - 1;
            await Task.WhenAll(stage.Where(s => !s.Ended).Select(s => Stop(s, token)));
        }
    }

    private async Task Stop(Subscription subscription, CancellationToken token)
    {
        try
        {
            await Call(subscription.Observer.OnStop, token);
        }
        catch (Exception error) // the edge of an observer's code: the others stop all the same
        {
            log.StopFailed(error, subscription.Name, subscription.Stage);
        }
    }

    private static async Task Call(Func<CancellationToken, Task> observe, CancellationToken token) => await observe(token);

    private sealed class Subscription(string name, int stage, ILifecycleObserver observer) : IDisposable
    {
        public string Name { get; } = name;

        public int Stage { get; } = stage;

        public ILifecycleObserver Observer { get; } = observer;

        public bool Ended { get; private set; }

        public void Dispose() => Ended = true;
    }
}
