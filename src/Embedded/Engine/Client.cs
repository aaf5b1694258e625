namespace Splitwiser.Embedded;

/// <summary>A client outside of the cluster: calls through one of the gateways that it knows.</summary>
internal sealed class Client(IServiceProvider services, IOptions<ClusterOptions> cluster, IOptions<Ports> ports, IOptions<ClientMessagingOptions> messaging)
    : Node(services, messaging.Value), IHostedService
{
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits for a gateway, as long as the token lets it.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (ports.Value.KnownGateways.Length == 0) throw new OrleansConfigurationException("The client has no clustering: call UseLocalhostClustering.");
        while (!Gateways().Any()) await Task.Delay(Retry, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Close(() => new ObjectDisposedException(nameof(IClusterClient)));
        return Task.CompletedTask;
    }

    protected override Silo? Door(GrainId target)
    {
        Silo[] open = [.. Gateways()];
        return open.Length == 0 ? null : open[(uint)target.GetHashCode() % open.Length];
    }

    private IEnumerable<Silo> Gateways() => Network.Silos.Where(silo =>
        silo.TakesActivations && silo.ClusterId == cluster.Value.ClusterId && ports.Value.KnownGateways.Contains(silo.Ports.Gateway));
}
