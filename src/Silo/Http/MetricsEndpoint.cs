using Splitwiser.Silo.Metrics;

namespace Splitwiser.Silo.Http;

/// <summary>GET /metrics, for Prometheus.</summary>
internal sealed class MetricsEndpoint(SiloMetrics metrics) : IEndpoint
{
    public Task Handle(HttpContext context)
    {
        context.Response.ContentType = PrometheusText.ContentType;
        return context.Response.WriteAsync(metrics.Text(), context.RequestAborted);
    }
}
