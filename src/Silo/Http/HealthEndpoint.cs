using Splitwiser.Grains;

namespace Splitwiser.Silo.Http;

/// <summary>GET /health: 200 while a device of this silo can take requests, 503 after. During a drain the gate answers before it.</summary>
internal sealed class HealthEndpoint(LocalDevices devices) : IEndpoint
{
    public Task Handle(HttpContext context) => devices.All.Any(device => device.IsOpen)
        ? Task.CompletedTask
        : throw ApiException.Unavailable("Every device of this silo is closed.");
}
