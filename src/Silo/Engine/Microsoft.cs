using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using Orleans.Configuration;
using Orleans.Dashboard;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo;

/// <summary>What runs the actors: Microsoft Orleans. The provider of the membership table comes from configuration.</summary>
internal static partial class ActorEngine
{
    public const string Name = "Microsoft";

    private const int SiloPort = 11111;
    private const int GatewayPort = 30000;

    /// <exception cref="BadConfigurationException">An unknown provider or setting, or one that is missing or malformed.</exception>
    public static void Join(ISiloBuilder silo, IConfigurationSection clustering)
    {
        CheckNames(clustering, Clustering.Names);
        var providers = new Dictionary<string, Action<ISiloBuilder, IConfigurationSection>>(StringComparer.OrdinalIgnoreCase) { ["Localhost"] = JoinLocalhost };
        AddRedis(providers);
        AddAdoNet(providers);
        var name = clustering["Provider"] ?? "Localhost";
        if (!providers.TryGetValue(name, out var join))
            throw new BadConfigurationException($"{clustering.Path}:Provider: expected one of {string.Join(", ", providers.Keys)}, found '{name}'");
        join(silo, clustering);
        Secure(silo, clustering.GetSection(Tls));
        if (HasDashboard(clustering))
            silo.AddDashboard();
        var (probeTimeout, missedProbes) = (Seconds(clustering, "ProbeTimeout") ?? TimeSpan.FromSeconds(0.5), Number(clustering, "MissedProbes") ?? 3);
        var votes = Number(clustering, "Votes") ?? 2; // of two silos one is enough: one that is slow itself must not strike off the others of many
        silo.Configure<ClusterMembershipOptions>(membership => // a killed silo is out within about two seconds instead of eleven
            (membership.ProbeTimeout, membership.NumMissedProbesLimit, membership.NumVotesForDeathDeclaration) = (probeTimeout, missedProbes, votes));
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

    private static void JoinNetwork(ISiloBuilder silo, IConfigurationSection clustering)
    {
        var (siloPort, gatewayPort) = (Port(clustering, "SiloPort") ?? SiloPort, Port(clustering, "GatewayPort") ?? GatewayPort);
        silo = clustering["AdvertisedAddress"] switch
        {
            null => silo.ConfigureEndpoints(siloPort, gatewayPort),
            var text when IPAddress.TryParse(text, out var address) => silo.ConfigureEndpoints(address, siloPort, gatewayPort, listenOnAnyHostAddress: true),
            var text => throw new BadConfigurationException($"{clustering.Path}:AdvertisedAddress: expected an IP address, found '{text}'"),
        };
        silo.Configure<ClusterOptions>(cluster =>
        {
            cluster.ClusterId = clustering["ClusterId"] ?? "splitwiser";
            cluster.ServiceId = clustering["ServiceId"] ?? "splitwiser";
        });
    }

    private static void CheckNames(IConfigurationSection section, IReadOnlyList<string> known)
    {
        var unknown = section.GetChildren().Where(child => !known.Contains(child.Key, StringComparer.OrdinalIgnoreCase)).Select(child => $"{child.Path}: is no setting; there are {string.Join(", ", known)}").ToList();
        if (unknown.Count > 0)
            throw new BadConfigurationException(unknown);
    }

    private static int? Number(IConfigurationSection clustering, string key) => clustering[key] switch
    {
        null => null,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 1000 => number,
        var text => throw new BadConfigurationException($"{clustering.Path}:{key}: expected a number from 1 to 1000, found '{text}'"),
    };

    private static TimeSpan? Seconds(IConfigurationSection clustering, string key) => clustering[key] switch
    {
        null => null,
        var text when double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0.1 and <= 1000 => TimeSpan.FromSeconds(seconds),
        var text => throw new BadConfigurationException($"{clustering.Path}:{key}: expected seconds from 0.1 to 1000, found '{text}'"),
    };

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
