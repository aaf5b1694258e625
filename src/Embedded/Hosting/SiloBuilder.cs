using Microsoft.Extensions.Configuration;

namespace Orleans.Hosting;

/// <summary>Configures a silo through its services.</summary>
public interface ISiloBuilder
{
    IServiceCollection Services { get; }
    IConfiguration Configuration { get; }
}

public static class SiloBuilderExtensions
{
    public static ISiloBuilder Configure<TOptions>(this ISiloBuilder builder, Action<TOptions> configureOptions) where TOptions : class =>
        builder.ConfigureServices(services => services.Configure(configureOptions));

    public static ISiloBuilder ConfigureServices(this ISiloBuilder builder, Action<IServiceCollection> configureDelegate)
    {
        configureDelegate(builder.Services);
        return builder;
    }
}

public static class CoreHostingExtensions
{
    /// <summary>A cluster of the silos of this process whose first silo is at <paramref name="primarySiloEndpoint"/>; without it, this silo is the first.</summary>
    public static ISiloBuilder UseLocalhostClustering(this ISiloBuilder builder, int siloPort = 11111, int gatewayPort = 30000, IPEndPoint? primarySiloEndpoint = null, string serviceId = "dev", string clusterId = "dev") => builder
        .Configure<Ports>(ports => (ports.Silo, ports.Gateway, ports.Primary) = (siloPort, gatewayPort, primarySiloEndpoint?.Port ?? siloPort))
        .Configure<ClusterOptions>(cluster => (cluster.ServiceId, cluster.ClusterId) = (serviceId, clusterId));
}

public static class PlacementStrategyExtensions
{
    /// <summary>Lets <typeparamref name="TDirector"/> choose the silos of grains with the strategy.</summary>
    public static ISiloBuilder AddPlacementDirector<TStrategy, TDirector>(this ISiloBuilder builder) where TStrategy : PlacementStrategy, new() where TDirector : class, IPlacementDirector =>
        builder.ConfigureServices(services => services.AddKeyedSingleton<IPlacementDirector, TDirector>(typeof(TStrategy)));
}
