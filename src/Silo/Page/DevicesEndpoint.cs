using Splitwiser.Client.Http;
using Splitwiser.Grains;
using Splitwiser.Silo.Http;

namespace Splitwiser.Silo.Page;

/// <summary>GET /api/devices: every device of the cluster, as this silo last heard of it; what the client's command "devices" shows.</summary>
internal sealed class DevicesEndpoint(DeviceView view) : IEndpoint
{
    public Task Handle(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return JsonOut.Write(context, new DeviceCards([.. view.Snapshot.Devices.Select(DeviceCard.Of)]), ClientJson.Default.DeviceCards);
    }
}
