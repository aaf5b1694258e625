using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Splitwiser.Embedded;

namespace Orleans.Hosting
{
    /// <summary>Configures a client of the cluster through its services.</summary>
    public interface IClientBuilder
    {
        IServiceCollection Services { get; }

        IConfiguration Configuration { get; }
    }

    public static class ClientBuilderExtensions
    {
        public static IClientBuilder Configure<TOptions>(this IClientBuilder builder, Action<TOptions> configureOptions) where TOptions : class =>
            builder.ConfigureServices(services => services.Configure(configureOptions));

        public static IClientBuilder ConfigureServices(this IClientBuilder builder, Action<IServiceCollection> configureDelegate)
        {
            configureDelegate(builder.Services);
            return builder;
        }

        /// <summary>The cluster of this process whose gateway has the port.</summary>
        public static IClientBuilder UseLocalhostClustering(this IClientBuilder builder, int gatewayPort = 30000, string serviceId = "dev", string clusterId = "dev") =>
            builder.UseLocalhostClustering([gatewayPort], serviceId, clusterId);

        /// <inheritdoc cref="UseLocalhostClustering(IClientBuilder, int, string, string)"/>
        public static IClientBuilder UseLocalhostClustering(this IClientBuilder builder, int[] gatewayPorts, string serviceId = "dev", string clusterId = "dev") => builder
            .Configure<ClientPorts>(ports => ports.Gateways = gatewayPorts)
            .Configure<ClusterOptions>(cluster => (cluster.ServiceId, cluster.ClusterId) = (serviceId, clusterId));
    }
}

namespace Splitwiser.Embedded
{
    /// <summary>The gateways that a client knows.</summary>
    internal sealed class ClientPorts
    {
        public int[] Gateways { get; set; } = [];
    }

    /// <inheritdoc cref="IClientBuilder"/>
    internal sealed record ClientBuilder(IServiceCollection Services, IConfiguration Configuration) : IClientBuilder
    {
        /// <summary>The builder of this host's client: the same, however often it is asked for.</summary>
        /// <exception cref="OrleansConfigurationException">The host has a silo, which is a client already.</exception>
        public static ClientBuilder Of(IServiceCollection services, IConfiguration configuration)
        {
            if (SiloBuilder.Find(services) is not null) throw new OrleansConfigurationException("A host has a silo or a client; its silo is a client too.");
            if (Find(services) is { } known) return known;
            var builder = new ClientBuilder(services, configuration);
            services.AddSingleton(builder);
            services.AddLogging();
            services.AddSingleton<Client>();
            services.AddSingleton<IClusterClient>(s => s.GetRequiredService<Client>());
            services.TryAddSingleton<IGrainFactory>(s => s.GetRequiredService<Client>());
            services.AddHostedService(s => s.GetRequiredService<Client>());
            return builder;
        }

        public static ClientBuilder? Find(IServiceCollection services) =>
            services.Select(s => s.ServiceKey is null ? s.ImplementationInstance : null).OfType<ClientBuilder>().FirstOrDefault();
    }
}
