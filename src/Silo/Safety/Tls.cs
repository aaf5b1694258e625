using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Safety;

/// <summary>The certificate of https addresses: --ssl-certfile and --ssl-keyfile, or Kestrel's own section of the configuration.</summary>
internal static class Tls
{
    private const string Certificate = "Kestrel:Certificates:Default";

    /// <summary>The files of the options in Kestrel's words.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Settings(SplitwiserOptions options)
    {
        if (options.SslCertfile is { } file)
            yield return new($"{Certificate}:Path", Path.GetFullPath(file));
        if (options.SslKeyfile is { } key)
            yield return new($"{Certificate}:KeyPath", Path.GetFullPath(key));
    }

    /// <summary>Tells a missing or broken certificate before anything starts.</summary>
    /// <exception cref="BadConfigurationException">https without a certificate, or with files that don't make one.</exception>
    public static void Check(SplitwiserOptions options, IConfiguration configuration, ListenUrls urls)
    {
        if (options.SslKeyfile is not null && options.SslCertfile is null)
            throw new BadConfigurationException("--ssl-keyfile: needs --ssl-certfile");
        if (urls.AnySecure && options.SslCertfile is null && !configuration.GetSection(Certificate).GetChildren().Any())
            throw new BadConfigurationException($"--urls: https needs a certificate: --ssl-certfile and --ssl-keyfile, or {Certificate}");
        if (options.SslCertfile is not { } file)
            return;
        try
        {
            using var certificate = options.SslKeyfile is { } key
                ? X509Certificate2.CreateFromPemFile(file, key)
                : X509CertificateLoader.LoadPkcs12FromFile(file, configuration[$"{Certificate}:Password"]);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new BadConfigurationException($"--ssl-certfile: {e.Message}", e);
        }
    }
}
