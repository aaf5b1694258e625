using Splitwiser.Grains;
using Splitwiser.Silo.Hosting;

namespace Splitwiser.Silo.Http;

/// <summary>GET /ready: 200 while new requests are taken. 503 during a drain, and once every device is closed. Before its devices are open, LoadingAnswers answers.</summary>
internal sealed class ReadyEndpoint(LocalDevices devices, Drain drain) : IEndpoint
{
    public Task Handle(HttpContext context) =>
        drain.IsDraining ? throw ApiException.Unavailable("The server is shutting down.")
        : devices.All.Any(device => device.IsOpen) ? Task.CompletedTask
        : throw ApiException.Unavailable("Every device of this silo is closed.");
}
