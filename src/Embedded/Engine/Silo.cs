namespace Splitwiser.Embedded;

/// <summary>A host of grains: a member of its cluster, with its own services, that starts and stops with its host.</summary>
internal sealed class Silo : Node, ILocalSiloDetails, IClusterMembershipService, IPlacementContext, IHostedService, IDisposable
{
    private static int generations = (int)(DateTime.UtcNow - new DateTime(2022, 1, 1)).TotalSeconds;
    private readonly SiloLifecycle lifecycle;
    private readonly GrainCollectionOptions collection;
    private readonly ClusterMembershipOptions failure;
    private volatile SiloStatus status = SiloStatus.Created;
    private volatile bool isCut;
    private Timer? collector;
    private Timer? undertaker;

    public Silo(
        IServiceProvider services, SiloLifecycle lifecycle, IOptions<SiloOptions> silo, IOptions<ClusterOptions> cluster, IOptions<Ports> ports,
        IOptions<SiloMessagingOptions> messaging, IOptions<GrainCollectionOptions> collection, IOptions<ClusterMembershipOptions> failure) : base(services, messaging.Value)
    {
        (this.lifecycle, Ports, this.collection, this.failure) = (lifecycle, ports.Value, collection.Value, failure.Value);
        var generation = Interlocked.Increment(ref generations);
        Name = silo.Value.SiloName is { Length: > 0 } name ? name : $"Silo_{generation:x}";
        ClusterId = cluster.Value.ClusterId;
        SiloAddress = new(new(IPAddress.Loopback, Ports.Silo), generation);
        Cluster = Network.ClusterOf(Ports.Primary, ClusterId);
    }

    public string Name { get; }
    public string ClusterId { get; }
    public SiloAddress SiloAddress { get; }
    public Cluster Cluster { get; }
    public Ports Ports { get; }

    /// <summary>Whether nothing reaches this silo any more and nothing leaves it, as after a crash. Its code may still run.</summary>
    public bool IsCut => isCut;
    public bool IsDead => status == SiloStatus.Dead;
    public bool TakesActivations => status == SiloStatus.Active && !isCut;

    ClusterMembershipSnapshot IClusterMembershipService.CurrentSnapshot => Cluster.Membership.Current;
    IAsyncEnumerable<ClusterMembershipSnapshot> IClusterMembershipService.MembershipUpdates => Cluster.Membership.Updates();
    SiloAddress IPlacementContext.LocalSilo => SiloAddress;
    SiloStatus IPlacementContext.LocalSiloStatus => status;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (Ports.Silo == 0) throw new OrleansConfigurationException("The silo has no clustering: call UseLocalhostClustering.");
        if (collection.CollectionAge <= collection.CollectionQuantum) throw new OrleansConfigurationException("CollectionAge must be longer than CollectionQuantum.");
        GrainCatalog.Shared.Check();
        foreach (var participant in ServiceProvider.GetServices<ILifecycleParticipant<ISiloLifecycle>>()) participant.Participate(lifecycle);
        lifecycle.Subscribe("Membership", ServiceLifecycleStage.RuntimeInitialize, _ => Task.Run(Join), _ => Task.Run(Part));
        lifecycle.Subscribe("Activations", ServiceLifecycleStage.BecomeActive, _ => Task.Run(TakeCalls), EndActivations);
        try { await lifecycle.Start(cancellationToken); }
        catch { await lifecycle.Stop(new(canceled: true)); throw; }
    }

    /// <summary>With a token that is cancelled already this is a crash: nobody is told, calls break, peers notice later.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested && TakesActivations)
        {
            Cut();
            undertaker = new(_ => Bury(), null, failure.ProbeTimeout * (failure.NumMissedProbesLimit - 1), Timeout.InfiniteTimeSpan);
        }
        await lifecycle.Stop(cancellationToken);
    }

    public bool SharesPortWith(Silo other) => Ports.Silo == other.Ports.Silo || (Ports.Gateway != 0 && Ports.Gateway == other.Ports.Gateway);

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

    private void Join()
    {
        Network.Listen(this);
        foreach (var former in Cluster.Silos.Where(SharesPortWith)) former.Bury();
        Cluster.Add(this);
        SetStatus(SiloStatus.Joining);
    }

    private void TakeCalls()
    {
        SetStatus(SiloStatus.Active);
        collector = new(_ => Cluster.ActivationsOf(this).ToList().ForEach(a => a.DeactivateIfIdle(a.Class.CollectionAge ?? collection.CollectionAge)), null, collection.CollectionQuantum, collection.CollectionQuantum);
    }

    private async Task EndActivations(CancellationToken token)
    {
        collector?.Dispose();
        if (isCut) return;
        SetStatus(SiloStatus.ShuttingDown);
        var ending = Cluster.ActivationsOf(this).ToList();
        foreach (var activation in ending) activation.Deactivate(new(DeactivationReasonCode.ShuttingDown, "The silo stops."), token);
        await Task.WhenAll(ending.Select(activation => activation.Ended)).WaitAsync(token);
    }

    /// <summary>For a host that is disposed without a stop.</summary>
    public void Dispose()
    {
        collector?.Dispose();
        if (status != SiloStatus.Created) Part();
    }

    private void Part()
    {
        if (!isCut) Cut();
        if (undertaker is null) Bury();
    }

    private void Cut()
    {
        isCut = true;
        Interlocked.MemoryBarrier(); // see Call.GiveTo
        foreach (var peer in Cluster.Silos) peer.Break(this);
        Close(() => new SiloUnavailableException($"{this} is gone."));
        foreach (var activation in Cluster.ActivationsOf(this)) activation.Post(() => _ = activation.Streams.Cut());
    }

    private void Bury()
    {
        undertaker?.Dispose();
        Network.Leave(this);
        SetStatus(SiloStatus.Dead);
        Cluster.Remove(this);
    }

    private void SetStatus(SiloStatus now)
    {
        if (IsDead) return;
        status = now;
        Cluster.Membership.Set(new(SiloAddress, now, Name));
    }
}
