using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orleans.Runtime.Placement;
using Splitwiser.Embedded;

namespace Orleans.Hosting
{
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

        public static ISiloBuilder ConfigureLogging(this ISiloBuilder builder, Action<ILoggingBuilder> configureLogging) =>
            builder.ConfigureServices(services => services.AddLogging(configureLogging));
    }

    public static class CoreHostingExtensions
    {
        /// <summary>A cluster of the silos of this process whose first silo is at <paramref name="primarySiloEndpoint"/>; without it, this silo is the first.</summary>
        public static ISiloBuilder UseLocalhostClustering(this ISiloBuilder builder, int siloPort = 11111, int gatewayPort = 30000, IPEndPoint? primarySiloEndpoint = null, string serviceId = "dev", string clusterId = "dev") => builder
            .Configure<SiloPorts>(ports => (ports.Silo, ports.Gateway, ports.Primary) = (siloPort, gatewayPort, primarySiloEndpoint?.Port ?? siloPort))
            .Configure<ClusterOptions>(cluster => (cluster.ServiceId, cluster.ClusterId) = (serviceId, clusterId));
    }

    public static class PlacementStrategyExtensions
    {
        /// <summary>Lets <typeparamref name="TDirector"/> choose the silos of grains with the strategy.</summary>
        public static ISiloBuilder AddPlacementDirector<TStrategy, TDirector>(this ISiloBuilder builder)
            where TStrategy : PlacementStrategy, new()
            where TDirector : class, IPlacementDirector =>
            builder.ConfigureServices(services => services.AddKeyedSingleton<IPlacementDirector, TDirector>(typeof(TStrategy)));
    }
}

namespace Splitwiser.Embedded
{
    /// <summary>The endpoints of a silo; 0: none given.</summary>
    internal sealed class SiloPorts
    {
        public int Silo { get; set; }

        public int Gateway { get; set; }

        public int Primary { get; set; }
    }

    /// <inheritdoc cref="ISiloBuilder"/>
    internal sealed record SiloBuilder(IServiceCollection Services, IConfiguration Configuration) : ISiloBuilder
    {
        /// <summary>The builder of this host's silo: the same, however often it is asked for.</summary>
        /// <exception cref="OrleansConfigurationException">The host has a client; a silo is one already.</exception>
        public static SiloBuilder Of(IServiceCollection services, IConfiguration configuration)
        {
            if (ClientBuilder.Find(services) is not null) throw new OrleansConfigurationException("A host has a silo or a client; its silo is a client too.");
            if (Find(services) is { } known) return known;
            var builder = new SiloBuilder(services, configuration);
            services.AddSingleton(builder);
            services.AddLogging();
            services.AddSingleton<SiloLifecycle>();
            services.AddSingleton<ISiloLifecycle>(s => s.GetRequiredService<SiloLifecycle>());
            services.AddSingleton<Silo>();
            services.AddSingleton<ILocalSiloDetails>(s => s.GetRequiredService<Silo>());
            services.AddSingleton<IClusterMembershipService>(s => s.GetRequiredService<Silo>());
            services.AddSingleton<IClusterClient>(s => s.GetRequiredService<Silo>());
            services.TryAddSingleton<IGrainFactory>(s => s.GetRequiredService<Silo>());
            services.AddScoped<IGrainContext>(_ => Activation.Current ?? throw new InvalidOperationException("Only a grain has a grain context."));
            services.AddKeyedSingleton<IPlacementDirector, RandomDirector>(typeof(RandomPlacement));
            services.AddKeyedSingleton<IPlacementDirector, PreferLocalDirector>(typeof(PreferLocalPlacement));
            services.AddHostedService(s => s.GetRequiredService<Silo>());
            return builder;
        }

        public static SiloBuilder? Find(IServiceCollection services) =>
            services.Select(s => s.ServiceKey is null ? s.ImplementationInstance : null).OfType<SiloBuilder>().FirstOrDefault();
    }
}
