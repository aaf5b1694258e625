namespace Splitwiser.Client.CommandLine.Servers;

/// <summary>PEM files: the certificate to show, its key, and the authority of the cluster.</summary>
internal sealed record TlsFiles(string Cert, string Key, string Authority);
