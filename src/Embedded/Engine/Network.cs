using System.Net.Sockets;

namespace Splitwiser.Embedded;

/// <summary>The ports of a silo, 0 when none were given, or those that a client knows.</summary>
internal sealed class Ports
{
    public int Silo { get; set; }
    public int Gateway { get; set; }
    public int Primary { get; set; }
    public int[] KnownGateways { get; set; } = [];
}

/// <summary>What stands for the network: the silos of this process by their ports, and their clusters by the port of the first silo.</summary>
internal static class Network
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<(int PrimaryPort, string ClusterId), WeakReference<Cluster>> Clusters = [];
    private static volatile Silo[] silos = [];

    public static Silo[] Silos => silos;

    public static Cluster ClusterOf(int primaryPort, string clusterId)
    {
        lock (Gate)
        {
            if (Clusters.TryGetValue((primaryPort, clusterId), out var held) && held.TryGetTarget(out var known)) return known;
            var cluster = new Cluster();
            Clusters[(primaryPort, clusterId)] = new(cluster);
            return cluster;
        }
    }

    /// <exception cref="SocketException">A silo that runs has one of the ports.</exception>
    public static void Listen(Silo silo)
    {
        lock (Gate)
        {
            if (silos.Any(other => !other.IsCut && other.SharesPortWith(silo))) throw new SocketException((int)SocketError.AddressAlreadyInUse);
            silos = [.. silos, silo];
        }
    }

    public static void Leave(Silo silo)
    {
        lock (Gate) silos = [.. silos.Where(other => other != silo)];
    }
}
