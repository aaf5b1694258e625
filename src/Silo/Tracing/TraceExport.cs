using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Splitwiser.Silo.Http;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Tracing;

/// <summary>
/// Sends spans to an OTLP collector: a request's HTTP span, and below it what its grain and its devices did. Off unless an endpoint is
/// set by --otlp-traces-endpoint or OTEL_EXPORTER_OTLP_ENDPOINT; OpenTelemetry's other variables (protocol, headers, sampler, service
/// name) mean here what they mean everywhere, but that the protocol is http/protobuf unless one is named.
/// </summary>
internal sealed class TraceExport : IHostedService, IDisposable
{
    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string TracesEndpointVariable = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    private const string ProtocolVariable = "OTEL_EXPORTER_OTLP_PROTOCOL";
    private const string TracesPath = "v1/traces";

    private readonly TracerProvider provider;

    private TraceExport(Uri? endpoint) => provider = Sdk.CreateTracerProviderBuilder()
        .ConfigureResource(resource => resource.AddService("splitwiser", serviceVersion: VersionEndpoint.Version.Version).AddEnvironmentVariableDetector())
        .AddSource("Splitwiser", "Microsoft.AspNetCore")
        .AddOtlpExporter(exporter => Configure(exporter, endpoint))
        .Build();

    /// <summary>Registers the export if it is on.</summary>
    public static void AddTo(IServiceCollection services, SplitwiserOptions options)
    {
        if (options.OtlpTracesEndpoint is null && !IsSet(EndpointVariable) && !IsSet(TracesEndpointVariable))
            return;
        services.AddHostedService(_ => new TraceExport(options.OtlpTracesEndpoint is { } endpoint ? new(endpoint) : null));
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>What ended before this is sent.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.Run(() => provider.ForceFlush(timeoutMilliseconds: 5000), cancellationToken);

    public void Dispose() => provider.Dispose();

    private static void Configure(OtlpExporterOptions exporter, Uri? endpoint)
    {
        if (!IsSet(ProtocolVariable))
            exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
        if (endpoint is not null)
            exporter.Endpoint = exporter.Protocol == OtlpExportProtocol.HttpProtobuf ? new Uri($"{endpoint.AbsoluteUri.TrimEnd('/')}/{TracesPath}") : endpoint;
    }

    private static bool IsSet(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 };
}
