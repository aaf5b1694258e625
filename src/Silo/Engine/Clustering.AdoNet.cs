namespace Splitwiser.Silo;

internal static partial class ActorEngine
{
    static partial void AddAdoNet(IDictionary<string, Action<ISiloBuilder, IConfigurationSection>> providers) => providers["AdoNet"] = (silo, clustering) =>
    {
        var (invariant, connection) = (Required(clustering, "Invariant"), Required(clustering, "ConnectionString"));
        JoinNetwork(silo, clustering);
        silo.UseAdoNetClustering(sql => (sql.Invariant, sql.ConnectionString) = (invariant, connection));
    };
}
