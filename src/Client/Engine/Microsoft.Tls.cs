using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Orleans.Connections.Security;

namespace Splitwiser.Client;

/// <summary>
/// TLS inside a cluster, of silos with each other and with their clients: everyone shows a certificate, and takes those of the cluster's
/// own authority alone. Names in certificates are not compared with addresses: who holds a certificate of that authority belongs to the cluster.
/// </summary>
internal sealed class ClusterTls
{
    private readonly X509Certificate2 own;
    private readonly X509Certificate2Collection authorities = [];

    /// <param name="certFile">PEM, the chain below the authority included.</param>
    /// <param name="keyFile">PEM.</param>
    /// <param name="caFile">PEM: the authority, or several while one takes over from another.</param>
    /// <exception cref="System.Security.Cryptography.CryptographicException">A file holds no certificate or key, or the key is another's.</exception>
    /// <exception cref="IOException">A file can't be read.</exception>
    public ClusterTls(string certFile, string keyFile, string caFile)
    {
        own = X509Certificate2.CreateFromPemFile(certFile, keyFile);
        authorities.ImportFromPemFile(caFile);
    }

    public void Configure(TlsOptions tls)
    {
        tls.LocalCertificate = own;
        (tls.RemoteCertificateMode, tls.ClientCertificateMode) = (RemoteCertificateMode.RequireCertificate, RemoteCertificateMode.RequireCertificate);
        tls.RemoteCertificateValidation = (certificate, sent, _) => IsOfTheCluster(certificate, sent);
        tls.OnAuthenticateAsClient = (_, client) => client.TargetHost = own.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
    }

    private bool IsOfTheCluster(X509Certificate2 certificate, X509Chain? sent)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        foreach (var element in sent?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        return chain.Build(certificate);
    }
}
