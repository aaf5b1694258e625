using System.Security.Cryptography;
using Splitwiser.Client;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo;

internal static partial class ActorEngine
{
    /// <summary>The section below the clustering's own: CertFile, KeyFile and CaFile, all PEM.</summary>
    private const string Tls = "Tls";

    private static void Secure(ISiloBuilder silo, IConfigurationSection tls)
    {
        if (!tls.GetChildren().Any())
            return;
        CheckNames(tls, Clustering.TlsNames);
        try
        {
            silo.UseTls(new ClusterTls(File("CertFile"), File("KeyFile"), File("CaFile")).Configure);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new BadConfigurationException($"{tls.Path}: {e.Message}", e);
        }

        string File(string key) => tls[key] is { Length: > 0 } file ? file : throw new BadConfigurationException($"{tls.Path}:{key}: TLS between silos needs it");
    }
}
