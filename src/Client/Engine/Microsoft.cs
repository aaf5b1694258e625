using System.CommandLine;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Splitwiser.Client.CommandLine.Servers;

namespace Splitwiser.Client.CommandLine;

/// <summary>The way to a cluster over Orleans: its gateways.</summary>
internal sealed class ClusterRoute
{
    /// <summary>
    /// How long a gateway that failed once is passed over. Orleans' default is a minute: after two restarts of silos within one, everything
    /// hung on the third.
    /// </summary>
    private static readonly TimeSpan Forgiveness = TimeSpan.FromSeconds(5);

    private readonly Option<string[]> gateways = new("--cluster") { Description = "Gateway of a cluster, address:port: asks over Orleans instead of HTTP. May be given several times.", HelpName = "GATEWAY" };
    private readonly Option<string> clusterId = new("--cluster-id") { Description = "The cluster's id.", HelpName = "ID", DefaultValueFactory = _ => "dev" };
    private readonly Option<string> serviceId = new("--service-id") { Description = "The cluster's service id.", HelpName = "ID", DefaultValueFactory = _ => "dev" };

    private readonly Option<string> certFile = new("--cluster-certfile") { Description = "Certificate to show a cluster that speaks TLS, PEM.", HelpName = "FILE" };
    private readonly Option<string> keyFile = new("--cluster-keyfile") { Description = "Its private key, PEM.", HelpName = "FILE" };
    private readonly Option<string> caFile = new("--cluster-cafile") { Description = "The cluster's certificate authority, PEM.", HelpName = "FILE" };

    public ClusterRoute() => gateways.Validators.Add(result =>
    {
        if (new[] { certFile, keyFile, caFile }.Count(option => result.GetResult(option) is not null) is 1 or 2)
            result.AddError("--cluster-certfile, --cluster-keyfile and --cluster-cafile: TLS needs all three");
        foreach (var text in result.GetValueOrDefault<string[]>() ?? [])
        {
            if (!IPEndPoint.TryParse(text, out var gateway) || gateway.Port == 0)
                result.AddError($"--cluster: expected address:port, found '{text}'");
        }
    });

    public IReadOnlyList<Option> Options => [gateways, clusterId, serviceId, certFile, keyFile, caFile];

    /// <summary>Said before an answer that goes over HTTP.</summary>
    public string HttpNotice => "Asking {0} over HTTP (--cluster asks over Orleans).";

    /// <summary>The cluster; null when no gateway was given.</summary>
    public Task<ClusterServer?> Connect(ParseResult parsed, CancellationToken ct)
    {
        if (parsed.GetValue(gateways) is not { Length: > 0 } given) return Task.FromResult<ClusterServer?>(null);
        var tls = parsed.GetValue(certFile) is { } cert ? new TlsFiles(cert, parsed.GetRequiredValue(keyFile), parsed.GetRequiredValue(caFile)) : null;
        return Connect(new ClusterPlace(given, parsed.GetRequiredValue(clusterId), parsed.GetRequiredValue(serviceId), tls), ct);
    }

    /// <summary>The cluster there.</summary>
    public static async Task<ClusterServer?> Connect(ClusterPlace place, CancellationToken ct)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.UseOrleansClient(client =>
        {
            client.UseStaticClustering([.. place.Gateways.Select(IPEndPoint.Parse)])
                .Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (place.ClusterId, place.ServiceId))
                .Configure<GatewayOptions>(gateway => gateway.GatewayListRefreshPeriod = Forgiveness);
            if (place.Tls is { } tls)
                client.UseTls(new ClusterTls(tls.Cert, tls.Key, tls.Authority).Configure);
        });
        var host = builder.Build();
        try
        {
            await host.StartAsync(ct);
        }
        catch
        {
            host.Dispose();
            throw;
        }

        return new(host, host.Services.GetRequiredService<IClusterClient>(), string.Join(", ", place.Gateways));
    }
}
