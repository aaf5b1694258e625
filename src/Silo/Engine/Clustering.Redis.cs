using StackExchange.Redis;

namespace Splitwiser.Silo;

internal static partial class ActorEngine
{
    static partial void AddRedis(IDictionary<string, Action<ISiloBuilder, IConfigurationSection>> providers) => providers["Redis"] = (silo, clustering) =>
    {
        var connection = ConfigurationOptions.Parse(Required(clustering, "ConnectionString"));
        JoinNetwork(silo, clustering);
        silo.UseRedisClustering(redis => redis.ConfigurationOptions = connection);
    };
}
