namespace Splitwiser.Embedded;

/// <summary>A party that calls grains: a silo, or a client outside of the cluster. Keeps the calls that wait for an answer.</summary>
internal abstract class Node(IServiceProvider services, MessagingOptions messaging) : IClusterClient
{
    private readonly ConcurrentDictionary<Call, Node> outstanding = new();
    private volatile Func<Exception>? closed; // makes what a call gets then

    public IServiceProvider ServiceProvider { get; } = services;
    public MessagingOptions Messaging { get; } = messaging;
    public ILogger Log { get; } = services.GetRequiredService<ILoggerFactory>().CreateLogger("Splitwiser.Embedded");

    public void Track(Call call)
    {
        outstanding.TryAdd(call, this);
        Interlocked.MemoryBarrier(); // Close sets its mark first and looks at calls second
        if (closed is not { } why) return;
        Forget(call);
        throw why();
    }

    public void Forget(Call call) => outstanding.TryRemove(call, out _);

    public void Submit(Call call)
    {
        if (Door(call.Target) is { } door) door.Cluster.Route(call, door);
        else call.Fail(new SiloUnavailableException("No gateway is open."));
    }

    /// <summary>Fails the calls that went to a silo which is gone.</summary>
    public void Break(Silo gone)
    {
        foreach (var (call, _) in outstanding)
            if (call.Server == gone) call.Fail(new SiloUnavailableException($"{gone} is gone."));
    }

    public T GetGrain<T>(Guid primaryKey, string? grainClassNamePrefix) where T : IGrainWithGuidKey => Refer<T>(primaryKey.ToString("N"), grainClassNamePrefix);
    public T GetGrain<T>(long primaryKey, string? grainClassNamePrefix) where T : IGrainWithIntegerKey => Refer<T>(primaryKey.ToString("X"), grainClassNamePrefix);
    public T GetGrain<T>(string primaryKey, string? grainClassNamePrefix) where T : IGrainWithStringKey => Refer<T>(primaryKey, grainClassNamePrefix);

    /// <summary>The silo that takes this node's calls in; null: there is none.</summary>
    protected abstract Silo? Door(GrainId target);

    protected void Close(Func<Exception> why)
    {
        closed = why;
        Interlocked.MemoryBarrier();
        foreach (var (call, _) in outstanding) call.Fail(why());
    }

    private T Refer<T>(string key, string? classPrefix)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        var proxy = DispatchProxy.Create<T, GrainReference>();
        ((GrainReference)(object)proxy!).Bind(this, new(GrainCatalog.Shared.ClassOf(typeof(T), classPrefix).Type, new IdSpan(key)));
        return proxy;
    }
}
