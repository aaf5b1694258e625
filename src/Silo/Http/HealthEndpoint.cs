using Splitwiser.Grains;

namespace Splitwiser.Silo.Http;

/// <summary>GET /health: 200, and 503 once every device of this silo has failed: starting anew may help. During a drain the gate answers before it.</summary>
internal sealed class HealthEndpoint(LocalDevices devices) : IEndpoint
{
    public Task Handle(HttpContext context) =>
        devices.Each is { Count: > 0 } all && all.All(device => device.Told().State == DeviceState.Failed)
            ? throw ApiException.Unavailable("Every device of this silo has failed.")
            : Task.CompletedTask;
}
