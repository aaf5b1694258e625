using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Splitwiser.Embedded;

/// <summary>A party that calls grains: a silo, or a client outside of the cluster. Keeps the calls that wait for an answer.</summary>
internal abstract class Node(IServiceProvider services, MessagingOptions messaging) : IClusterClient
{
    private readonly ConcurrentDictionary<Call, Node> outstanding = new();
    private volatile bool closed;

    public IServiceProvider ServiceProvider { get; } = services;

    public MessagingOptions Messaging { get; } = messaging;

    public ILogger Log { get; } = services.GetRequiredService<ILoggerFactory>().CreateLogger("Splitwiser.Embedded");

    public void Track(Call call)
    {
        outstanding.TryAdd(call, this);
        Interlocked.MemoryBarrier(); // Close sets its mark first and looks at calls second
        if (!closed) return;
        Forget(call);
        throw Closed();
    }

    public void Forget(Call call) => outstanding.TryRemove(call, out _);

    public void Submit(Call call)
    {
        try
        {
            var door = Door(call.Target);
            door.Cluster.Route(call, door);
        }
        catch (SiloUnavailableException none)
        {
            call.Fail(none);
        }
    }

    /// <summary>Fails the calls that went to a silo that is gone.</summary>
    public void Break(Silo gone)
    {
        foreach (var (call, _) in outstanding)
            if (call.Server == gone) call.Fail(new SiloUnavailableException($"{gone} is gone."));
    }

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix) where TGrainInterface : IGrainWithGuidKey =>
        Refer<TGrainInterface>(primaryKey.ToString("N"), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix) where TGrainInterface : IGrainWithIntegerKey =>
        Refer<TGrainInterface>(primaryKey.ToString("X"), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix) where TGrainInterface : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(primaryKey);
        return Refer<TGrainInterface>(primaryKey, grainClassNamePrefix);
    }

    public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId) where TGrainInterface : IAddressable
    {
        var proxy = DispatchProxy.Create<TGrainInterface, GrainReference>();
        ((GrainReference)(object)proxy!).Bind(this, grainId);
        return proxy;
    }

    /// <summary>The silo that takes this node's calls in.</summary>
    /// <exception cref="SiloUnavailableException">There is none.</exception>
    protected abstract Silo Door(GrainId target);

    /// <summary>What a call on a closed node throws.</summary>
    protected abstract Exception Closed();

    protected void Close()
    {
        closed = true;
        Interlocked.MemoryBarrier();
        foreach (var (call, _) in outstanding) call.Fail(Closed());
    }

    private T Refer<T>(string key, string? classPrefix) where T : IAddressable =>
        GetGrain<T>(GrainId.Create(GrainCatalog.Shared.ClassOf(typeof(T), classPrefix).Type, IdSpan.Create(key)));
}
