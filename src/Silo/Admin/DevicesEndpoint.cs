using System.Globalization;
using Splitwiser.Grains;
using Splitwiser.Silo.Http;

namespace Splitwiser.Silo.Admin;

/// <summary>The devices of the whole cluster: how they are, and to open, drain, remove and check them. Each call goes to the device's own silo.</summary>
internal sealed class DevicesEndpoint(IGrainFactory grains, DeviceView view)
{
    /// <summary>GET /admin/devices: as the directory knows them, less than a second old.</summary>
    public Task List(HttpContext context) =>
        JsonOut.Write(context, new DeviceListBody([.. view.Snapshot.Devices.Select(DeviceBody.Of)]), AdminJson.Default.DeviceListBody);

    /// <summary>GET /admin/devices/SILO/INDEX: as it is now.</summary>
    public async Task Status(HttpContext context) => await Answer(context, StatusCodes.Status200OK, await Control(context).Status(context.RequestAborted));

    /// <summary>POST .../drain?within=SECONDS: 202; it is closed once what runs has ended, or was cut and goes on elsewhere.</summary>
    public async Task Drain(HttpContext context) =>
        await Answer(context, StatusCodes.Status202Accepted, await Control(context).Drain(Within(context.Request.Query), context.RequestAborted));

    /// <summary>POST .../open: 202; it is open once its memory is filled and its self-check has passed.</summary>
    public async Task Open(HttpContext context) => await Answer(context, StatusCodes.Status202Accepted, await Control(context).Open(context.RequestAborted));

    /// <summary>DELETE: of one that is closed or has failed.</summary>
    public async Task Remove(HttpContext context) => await Answer(context, StatusCodes.Status200OK, await Control(context).Remove(context.RequestAborted));

    /// <summary>POST .../check: answers when it has computed.</summary>
    public async Task Check(HttpContext context)
    {
        var check = await Control(context).Check(context.RequestAborted);
        await JsonOut.Write(context, new CheckBody(check.Device, check.Passed, check.Flaw, check.Took.TotalSeconds), AdminJson.Default.CheckBody);
    }

    private static Task Answer(HttpContext context, int status, DeviceStatus device)
    {
        context.Response.StatusCode = status;
        return JsonOut.Write(context, StatusBody.Of(device), AdminJson.Default.StatusBody);
    }

    private IDeviceControlGrain Control(HttpContext context) =>
        grains.GetGrain<IDeviceControlGrain>($"{context.Request.RouteValues["silo"]}/{context.Request.RouteValues["index"]}");

    /// <exception cref="ApiException">400: no number of seconds.</exception>
    private static TimeSpan? Within(IQueryCollection query)
    {
        if (query["within"] is not [{ } text])
            return null;
        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds <= TimeSpan.MaxValue.TotalSeconds / 2
            ? TimeSpan.FromSeconds(seconds)
            : throw ApiException.Invalid($"within: expected seconds, found '{text}'.", "within");
    }
}
