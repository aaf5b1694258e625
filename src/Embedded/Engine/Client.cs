using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Splitwiser.Embedded;

/// <summary>A client outside of the cluster: calls through one of the gateways that it knows.</summary>
internal sealed class Client(IServiceProvider services, IOptions<ClusterOptions> cluster, IOptions<ClientPorts> ports, IOptions<ClientMessagingOptions> messaging)
    : Node(services, messaging.Value), IHostedService
{
    /// <summary>Waits for a gateway, as long as the token lets it.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (ports.Value.Gateways.Length == 0) throw new OrleansConfigurationException("The client has no clustering: call UseLocalhostClustering.");
        for (var changed = Network.Changed; !Gateways().Any(); changed = Network.Changed) await changed.WaitAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Close();
        return Task.CompletedTask;
    }

    protected override Silo Door(GrainId target)
    {
        Silo[] open = [.. Gateways()];
        return open.Length > 0 ? open[(uint)target.GetHashCode() % open.Length] : throw new SiloUnavailableException("No gateway is open.");
    }

    protected override Exception Closed() => new ObjectDisposedException(nameof(IClusterClient));

    private IEnumerable<Silo> Gateways() => Network.Silos.Where(silo => silo.IsGateway(ports.Value, cluster.Value.ClusterId));
}
