using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Splitwiser.Silo.Tests.Safety;

public sealed class TlsTests
{
    [Fact]
    public async Task A_self_made_certificate_serves_https()
    {
        using var folder = new TemporaryFolder();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await File.WriteAllTextAsync(folder["cert.pem"], certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder["key.pem"], key.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        await using var silo = await RunningSilo.StartDemo("--urls", "https://127.0.0.1:0", "--ssl-certfile", folder["cert.pem"], "--ssl-keyfile", folder["key.pem"]);
        silo.Api.Address.Scheme.ShouldBe("https");
        using var http = new HttpClient(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, shown, _, _) => shown!.Thumbprint == certificate.Thumbprint });
        using var answer = await http.PostAsync(
            new Uri(silo.Api.Address, "v1/completions"), new StringContent("""{"prompt": "And", "max_tokens": 1}""", System.Text.Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}
