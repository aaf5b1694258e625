using System.Net;
using System.Net.NetworkInformation;
using Orleans.Configuration;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo;

/// <summary>What runs the actors: Microsoft Orleans. The provider of the membership table comes from configuration.</summary>
internal static partial class ActorEngine
{
    public const string Name = "Microsoft";

    private const int SiloPort = 11111;
    private const int GatewayPort = 30000;

    /// <exception cref="BadConfigurationException">An unknown provider, or a setting that it needs is missing or malformed.</exception>
    public static void Join(ISiloBuilder silo, IConfigurationSection clustering)
    {
        var providers = new Dictionary<string, Action<ISiloBuilder, IConfigurationSection>>(StringComparer.OrdinalIgnoreCase) { ["Localhost"] = JoinLocalhost };
        AddRedis(providers);
        AddAdoNet(providers);
        var name = clustering["Provider"] ?? "Localhost";
        if (!providers.TryGetValue(name, out var join))
            throw new BadConfigurationException($"{clustering.Path}:Provider: expected one of {string.Join(", ", providers.Keys)}, found '{name}'");
        join(silo, clustering);
        silo.Configure<ClusterMembershipOptions>(membership => // a killed silo is out within about three seconds instead of eleven
        {
            membership.ProbeTimeout = TimeSpan.FromSeconds(1);
            membership.NumMissedProbesLimit = 2;
            membership.NumVotesForDeathDeclaration = 1;
        });
    }

    // Implemented by the provider's own file, where the build carries it (OrleansClustering).
    static partial void AddRedis(IDictionary<string, Action<ISiloBuilder, IConfigurationSection>> providers);

    static partial void AddAdoNet(IDictionary<string, Action<ISiloBuilder, IConfigurationSection>> providers);

    private static string Required(IConfigurationSection clustering, string key) => clustering[key] is { Length: > 0 } value
        ? value
        : throw new BadConfigurationException($"{clustering.Path}:{key}: the provider {clustering["Provider"]} needs it");

    /// <summary>
    /// A cluster on this machine: of its own, or, with PrimaryPort, that of the silo at this port, which keeps the membership and
    /// must outlive the others. Without configured ports, the first free ones from Orleans' usual ones on.
    /// </summary>
    private static void JoinLocalhost(ISiloBuilder silo, IConfigurationSection clustering) => silo.UseLocalhostClustering(
        Port(clustering, "SiloPort") ?? FreeFrom(SiloPort),
        Port(clustering, "GatewayPort") ?? FreeFrom(GatewayPort),
        Port(clustering, "PrimaryPort") is { } primary ? new IPEndPoint(IPAddress.Loopback, primary) : null,
        serviceId: clustering["ServiceId"] ?? "dev",
        clusterId: clustering["ClusterId"] ?? "dev");

    private static void JoinNetwork(ISiloBuilder silo, IConfigurationSection clustering) => silo
        .ConfigureEndpoints(Port(clustering, "SiloPort") ?? SiloPort, Port(clustering, "GatewayPort") ?? GatewayPort)
        .Configure<ClusterOptions>(cluster =>
        {
            cluster.ClusterId = clustering["ClusterId"] ?? "splitwiser";
            cluster.ServiceId = clustering["ServiceId"] ?? "splitwiser";
        });

    private static int? Port(IConfigurationSection clustering, string key) => clustering[key] switch
    {
        null => null,
        var text when ushort.TryParse(text, out var port) && port > 0 => port,
        var text => throw new BadConfigurationException($"{clustering.Path}:{key}: expected a port, found '{text}'"),
    };

    private static int FreeFrom(int port)
    {
        var taken = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(listener => listener.Port).ToHashSet();
        while (taken.Contains(port))
            port++;
        return port;
    }
}
