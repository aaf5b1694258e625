using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Runtime.Placement;

namespace Splitwiser.Embedded;

/// <summary>A host of grains: a member of its cluster, with its own services, that starts and stops with its host.</summary>
internal sealed class Silo : Node, ILocalSiloDetails, IClusterMembershipService, IPlacementContext, IHostedService, IDisposable
{
    private static int generations = (int)(DateTime.UtcNow - new DateTime(2022, 1, 1)).TotalSeconds;
    private readonly SiloPorts ports;
    private readonly SiloLifecycle lifecycle;
    private readonly GrainCollectionOptions collection;
    private readonly ClusterMembershipOptions failure;
    private volatile SiloStatus status = SiloStatus.Created;
    private volatile bool isCut;
    private Timer? collector;
    private Timer? detector;
    private bool exited;

    public Silo(
        IServiceProvider services,
        SiloLifecycle lifecycle,
        IOptions<SiloOptions> silo,
        IOptions<ClusterOptions> cluster,
        IOptions<SiloPorts> ports,
        IOptions<SiloMessagingOptions> messaging,
        IOptions<GrainCollectionOptions> collection,
        IOptions<ClusterMembershipOptions> failure)
        : base(services, messaging.Value)
    {
        (this.lifecycle, this.ports, this.collection, this.failure) = (lifecycle, ports.Value, collection.Value, failure.Value);
        var generation = Interlocked.Increment(ref generations);
        Name = string.IsNullOrEmpty(silo.Value.SiloName) ? $"Silo_{generation:x}" : silo.Value.SiloName;
        ClusterId = cluster.Value.ClusterId;
        SiloAddress = SiloAddress.New(IPAddress.Loopback, this.ports.Silo, generation);
        GatewayAddress = SiloAddress.New(IPAddress.Loopback, this.ports.Gateway, generation);
        Cluster = Network.Enter(ClusterKey);
    }

    public string Name { get; }

    public string ClusterId { get; }

    public SiloAddress SiloAddress { get; }

    public SiloAddress GatewayAddress { get; }

    public Cluster Cluster { get; }

    /// <summary>How long grain code may take to activate, to end its calls when it is deactivated, and to end a stream.</summary>
    public TimeSpan PatienceWithGrains { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether nothing reaches this silo any more and nothing leaves it, as after a crash. Its code may still run.</summary>
    public bool IsCut => isCut;

    public bool IsBuried => status == SiloStatus.Dead;

    public bool TakesActivations => status == SiloStatus.Active && !isCut;

    ClusterMembershipSnapshot IClusterMembershipService.CurrentSnapshot => Cluster.Membership.Current;

    IAsyncEnumerable<ClusterMembershipSnapshot> IClusterMembershipService.MembershipUpdates => Cluster.Membership.Updates();

    SiloAddress IPlacementContext.LocalSilo => SiloAddress;

    SiloStatus IPlacementContext.LocalSiloStatus => status;

    private (int, string) ClusterKey => (ports.Primary, ClusterId);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (ports.Silo == 0) throw new OrleansConfigurationException("The silo has no clustering: call UseLocalhostClustering.");
        if (collection.CollectionAge <= collection.CollectionQuantum) throw new OrleansConfigurationException("CollectionAge must be longer than CollectionQuantum.");
        GrainCatalog.Shared.Check();
        foreach (var participant in ServiceProvider.GetServices<ILifecycleParticipant<ISiloLifecycle>>()) participant.Participate(lifecycle);
        lifecycle.Subscribe("Membership", ServiceLifecycleStage.RuntimeInitialize, Join, Part);
        lifecycle.Subscribe("Activations", ServiceLifecycleStage.BecomeActive, TakeCalls, EndActivations);
        try
        {
            await lifecycle.Start(cancellationToken);
        }
        catch
        {
            await lifecycle.Stop(new(canceled: true));
            throw;
        }
    }

    /// <summary>With a token that is already cancelled this is a crash: nobody is told, calls break, peers notice later.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested && !isCut && status == SiloStatus.Active)
        {
            Cut();
            detector = new(_ => Bury(), null, failure.ProbeTimeout * (failure.NumMissedProbesLimit - 1), Timeout.InfiniteTimeSpan);
        }
        await lifecycle.Stop(cancellationToken);
    }

    public void Dispose()
    {
        if (exited) return;
        exited = true;
        Network.Exit(ClusterKey);
    }

    public bool SharesPortWith(Silo other) => ports.Silo == other.ports.Silo || (ports.Gateway != 0 && ports.Gateway == other.ports.Gateway);

    public bool IsGateway(ClientPorts wanted, string clusterId) => TakesActivations && ClusterId == clusterId && wanted.Gateways.Contains(ports.Gateway);

    public void SetStatus(SiloStatus now)
    {
        status = now;
        Cluster.Membership.Set(new(SiloAddress, now, Name));
        Network.Notify();
    }

    /// <summary>Asks the director of the grain's strategy.</summary>
    public Task<SiloAddress> Choose(GrainClass grain, GrainId id)
    {
        var director = ServiceProvider.GetKeyedService<IPlacementDirector>(grain.Placement.GetType())
            ?? throw new OrleansConfigurationException($"No placement director for {grain.Placement.GetType()}: call AddPlacementDirector.");
        return director.OnAddActivation(grain.Placement, new(id), this);
    }

    SiloAddress[] IPlacementContext.GetCompatibleSilos(PlacementTarget target)
    {
        SiloAddress[] active = [.. Cluster.Membership.Current.Members.Values.Where(m => m.Status == SiloStatus.Active).Select(m => m.SiloAddress)];
        return active.Length > 0 ? active : throw new OrleansException($"No active silo takes {target.GrainIdentity}.");
    }

    public override string ToString() => $"{Name} {SiloAddress}";

    protected override Silo Door(GrainId target) => this;

    protected override Exception Closed() => new SiloUnavailableException($"{this} is gone.");

    private Task Join(CancellationToken token)
    {
        Network.Listen(this);
        foreach (var former in Cluster.Silos.Where(other => other.IsCut && SharesPortWith(other))) former.Bury();
        Cluster.Add(this);
        SetStatus(SiloStatus.Joining);
        return Task.CompletedTask;
    }

    private Task TakeCalls(CancellationToken token)
    {
        SetStatus(SiloStatus.Active);
        collector = new(_ => CollectIdle(), null, collection.CollectionQuantum, collection.CollectionQuantum);
        return Task.CompletedTask;
    }

    private async Task EndActivations(CancellationToken token)
    {
        collector?.Dispose();
        if (isCut) return;
        SetStatus(SiloStatus.ShuttingDown);
        var ending = Cluster.ActivationsOf(this).ToList();
        foreach (var activation in ending) activation.Deactivate(new(DeactivationReasonCode.ShuttingDown, "The silo stops."), token);
        await Task.WhenAll(ending.Select(activation => activation.Deactivated)).WaitAsync(token);
    }

    private Task Part(CancellationToken token)
    {
        if (isCut) return Task.CompletedTask;
        Cut();
        Bury();
        return Task.CompletedTask;
    }

    private void Cut()
    {
        isCut = true;
        Interlocked.MemoryBarrier(); // see Call.GiveTo
        foreach (var peer in Cluster.Silos) peer.Break(this);
        Close();
        foreach (var activation in Cluster.ActivationsOf(this)) activation.Post(() => _ = activation.Streams.Cut());
        Network.Notify();
    }

    private void Bury()
    {
        detector?.Dispose();
        Network.Leave(this);
        Cluster.Bury(this);
    }

    private void CollectIdle()
    {
        foreach (var activation in Cluster.ActivationsOf(this)) activation.DeactivateIfIdle(collection.CollectionAge);
    }
}
