using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Admin;

/// <summary>The operator's endpoints, below /admin. There are none without --admin-key.</summary>
internal static class AdminSetup
{
    private const string Device = "/admin/devices/{silo}/{index:int}";

    public static void MapAdmin(this WebApplication app, SplitwiserOptions options)
    {
        if (options.AdminKey is not { } key)
            return;
        var devices = ActivatorUtilities.CreateInstance<DevicesEndpoint>(app.Services);
        var gate = new AdminGate(key);
        app.MapGet("/admin/devices", gate.Guard(devices.List));
        app.MapGet(Device, gate.Guard(devices.Status));
        app.MapDelete(Device, gate.Guard(devices.Remove));
        app.MapPost($"{Device}/drain", gate.Guard(devices.Drain));
        app.MapPost($"{Device}/open", gate.Guard(devices.Open));
        app.MapPost($"{Device}/check", gate.Guard(devices.Check));
    }
}
