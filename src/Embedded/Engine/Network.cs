using System.Net.Sockets;

namespace Splitwiser.Embedded;

/// <summary>What stands for the network: the clusters of this process by the port of their first silo, and the silos by their ports.</summary>
internal static class Network
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<(int PrimaryPort, string ClusterId), (Cluster Cluster, int Users)> Clusters = [];
    private static volatile Silo[] silos = [];
    private static volatile TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when a silo joins, leaves or changes its status.</summary>
    public static Task Changed => changed.Task;

    public static Silo[] Silos => silos;

    public static Cluster Enter((int PrimaryPort, string ClusterId) key)
    {
        lock (Gate)
        {
            var (cluster, users) = Clusters.GetValueOrDefault(key, (new(), 0));
            Clusters[key] = (cluster, users + 1);
            return cluster;
        }
    }

    public static void Exit((int PrimaryPort, string ClusterId) key)
    {
        lock (Gate)
        {
            var (cluster, users) = Clusters[key];
            if (users == 1) Clusters.Remove(key);
            else Clusters[key] = (cluster, users - 1);
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

    public static void Notify()
    {
        lock (Gate)
        {
            changed.SetResult();
            changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
