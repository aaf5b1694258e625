namespace Splitwiser.Silo.Options;

/// <summary>How a silo finds its cluster. Read by the actor engine's own file: an embedded silo takes none of it.</summary>
internal static class Clustering
{
    /// <summary>The section below <see cref="SplitwiserOptions.Section"/>.</summary>
    public const string Key = "Clustering";

    /// <summary>What may stand in the section; docs/cluster.md tells of each.</summary>
    public static readonly IReadOnlyList<string> Names =
    [
        "Provider", "ConnectionString", "Invariant", "ClusterId", "ServiceId", "SiloPort", "GatewayPort", "PrimaryPort", "AdvertisedAddress",
        "ProbeTimeout", "MissedProbes", "Votes", "Dashboard", "Tls",
    ];

    /// <summary>And in Tls below it.</summary>
    public static readonly IReadOnlyList<string> TlsNames = ["CertFile", "KeyFile", "CaFile"];

    public static IConfigurationSection Of(IConfiguration configuration) =>
        configuration.GetSection(SplitwiserOptions.Section).GetSection(Key);
}
