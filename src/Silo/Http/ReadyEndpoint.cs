using Splitwiser.Grains;
using Splitwiser.Silo.Hosting;

namespace Splitwiser.Silo.Http;

/// <summary>GET /ready: 200 while new requests are taken: by a device of this silo, or of another one. 503 during a drain, and while every device is closed. Before its devices are open, LoadingAnswers answers.</summary>
internal sealed class ReadyEndpoint(LocalDevices devices, DeviceView view, ServedModel model, Drain drain) : IEndpoint
{
    public Task Handle(HttpContext context) =>
        drain.IsDraining ? throw ApiException.Unavailable("The server is shutting down.")
        : devices.All.Any(device => device.IsOpen) || view.Snapshot.Devices.Any(device => device.Open && device.Model == model.Name) ? Task.CompletedTask
        : throw ApiException.Unavailable("Every device is closed.");
}
