namespace Splitwiser.Silo.Options;

/// <summary>How a silo finds its cluster. Read by the actor engine's own file: an embedded silo takes none of it.</summary>
internal static class Clustering
{
    /// <summary>The section below <see cref="SplitwiserOptions.Section"/>.</summary>
    public const string Key = "Clustering";

    public static IConfigurationSection Of(IConfiguration configuration) =>
        configuration.GetSection(SplitwiserOptions.Section).GetSection(Key);
}
