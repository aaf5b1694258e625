using System.CommandLine;
using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace Splitwiser.Client.CommandLine;

/// <summary>The way to a cluster over Orleans: its gateways.</summary>
internal sealed class ClusterRoute
{
    private readonly Option<string[]> gateways = new("--cluster") { Description = "Gateway of a cluster, address:port: asks over Orleans instead of HTTP. May be given several times.", HelpName = "GATEWAY" };
    private readonly Option<string> clusterId = new("--cluster-id") { Description = "The cluster's id.", HelpName = "ID", DefaultValueFactory = _ => "dev" };
    private readonly Option<string> serviceId = new("--service-id") { Description = "The cluster's service id.", HelpName = "ID", DefaultValueFactory = _ => "dev" };

    public ClusterRoute() => gateways.Validators.Add(result =>
    {
        foreach (var text in result.GetValueOrDefault<string[]>() ?? [])
        {
            if (!IPEndPoint.TryParse(text, out var gateway) || gateway.Port == 0)
                result.AddError($"--cluster: expected address:port, found '{text}'");
        }
    });

    public IReadOnlyList<Option> Options => [gateways, clusterId, serviceId];

    /// <summary>Said before an answer that goes over HTTP.</summary>
    public string HttpNotice => "Asking {0} over HTTP (--cluster asks over Orleans).";

    /// <summary>The answer over Orleans; null when no gateway was given.</summary>
    public IAsyncEnumerable<TextPiece>? Generate(ParseResult parsed, GenerateRequest request, CancellationToken ct) =>
        parsed.GetValue(gateways) is { Length: > 0 } given
            ? Generate([.. given.Select(IPEndPoint.Parse)], parsed.GetRequiredValue(clusterId), parsed.GetRequiredValue(serviceId), request, ct)
            : null;

    private static async IAsyncEnumerable<TextPiece> Generate(
        IPEndPoint[] gateways, string clusterId, string serviceId, GenerateRequest request, [EnumeratorCancellation] CancellationToken ct)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.UseOrleansClient(client => client
            .UseStaticClustering(gateways)
            .Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (clusterId, serviceId)));
        using var host = builder.Build();
        await host.StartAsync(ct);
        await foreach (var chunk in new SplitwiserClient(host.Services.GetRequiredService<IClusterClient>()).GenerateAsync(request, ct))
        {
            var end = chunk.End is { } last ? new AnswerEnd(last.Reason.ToString().ToLowerInvariant(), last.Usage) : null;
            yield return new(chunk.Text, chunk.Ids.Length, end);
        }

        await host.StopAsync(ct);
    }
}
