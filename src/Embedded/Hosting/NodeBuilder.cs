using Microsoft.Extensions.Configuration;

namespace Splitwiser.Embedded;

/// <summary>Puts a host's silo or client among its services, and lets them be configured.</summary>
internal sealed record NodeBuilder(IServiceCollection Services, IConfiguration Configuration) : ISiloBuilder, IClientBuilder
{
    public static ISiloBuilder Silo(IServiceCollection services, IConfiguration configuration)
    {
        var builder = new NodeBuilder(services, configuration);
        if (!builder.IsNew<Silo>()) return builder;
        services.AddSingleton<SiloLifecycle>();
        services.AddSingleton<ILocalSiloDetails>(s => s.GetRequiredService<Silo>());
        services.AddSingleton<IClusterMembershipService>(s => s.GetRequiredService<Silo>());
        return builder.AddPlacementDirector<RandomPlacement, RandomDirector>().AddPlacementDirector<PreferLocalPlacement, PreferLocalDirector>();
    }

    public static IClientBuilder Client(IServiceCollection services, IConfiguration configuration)
    {
        var builder = new NodeBuilder(services, configuration);
        builder.IsNew<Client>();
        return builder;
    }

    /// <returns>Whether the host got its node now; false when it had it.</returns>
    /// <exception cref="OrleansConfigurationException">The host has the other kind of node.</exception>
    private bool IsNew<TNode>() where TNode : Node, IHostedService
    {
        if (Services.Any(s => s.ServiceType == typeof(TNode))) return false;
        if (Services.Any(s => s.ServiceType == typeof(IClusterClient))) throw new OrleansConfigurationException("A host has a silo or a client, not both: a silo is a client already.");
        Services.AddLogging();
        Services.AddSingleton<TNode>();
        Services.AddSingleton<IClusterClient>(s => s.GetRequiredService<TNode>());
        Services.AddSingleton<IGrainFactory>(s => s.GetRequiredService<TNode>());
        Services.AddHostedService(s => s.GetRequiredService<TNode>());
        return true;
    }
}
