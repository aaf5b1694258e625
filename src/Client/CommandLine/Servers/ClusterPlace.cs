namespace Splitwiser.Client.CommandLine.Servers;

/// <summary>A cluster as its clients reach it.</summary>
/// <param name="Gateways">Each address:port.</param>
/// <param name="Tls">Null for a cluster that speaks none.</param>
internal sealed record ClusterPlace(IReadOnlyList<string> Gateways, string ClusterId, string ServiceId, TlsFiles? Tls);
