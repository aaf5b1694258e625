using Splitwiser.Silo.Options;

namespace Splitwiser.Silo;

/// <summary>What runs the actors: the embedded engine, whose clusters live within one process.</summary>
internal static class ActorEngine
{
    public const string Name = "Embedded";

    private static int silos;

    /// <exception cref="BadConfigurationException">Clustering is configured, which needs the other engine.</exception>
    public static void Join(ISiloBuilder silo, IConfigurationSection clustering)
    {
        if (clustering.GetChildren().Any())
            throw new BadConfigurationException(
                $"{clustering.Path}: this build runs the embedded actor engine, which knows no clusters of processes; build with -p:OrleansEngine=Microsoft for that");

        // Ports are names here, and nothing listens on them: each host of this process gets a cluster of its own.
        var number = Interlocked.Increment(ref silos);
        silo.UseLocalhostClustering(siloPort: number, gatewayPort: number);
    }

    /// <summary>There is no dashboard: that is Orleans' own.</summary>
    public static void Map(WebApplication app, IConfigurationSection clustering)
    {
    }
}
