using Splitwiser.Silo.Http;

namespace Splitwiser.Silo.Page;

/// <summary>The web page's routes.</summary>
internal static class PageSetup
{
    public static IServiceCollection AddPage(this IServiceCollection services) => services.AddSingleton<PageFiles>().AddSingleton<LiveEndpoint>().AddSingleton<DevicesEndpoint>();

    public static void MapPage(this WebApplication app)
    {
        var files = app.Services.GetRequiredService<PageFiles>();
        app.MapGet("/", files.Handle);
        app.MapGet("/page/{file}", files.Handle);
        app.MapGet("/favicon.ico", context => { context.Response.Redirect("/page/mark.svg"); return Task.CompletedTask; });
        app.MapGet("/api/live", app.Services.GetRequiredService<LiveEndpoint>().Handle);
        app.MapGet("/api/devices", app.Services.GetRequiredService<DevicesEndpoint>().Handle);
    }
}
