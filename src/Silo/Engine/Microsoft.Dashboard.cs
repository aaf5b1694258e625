using System.Net;
using Orleans.Dashboard;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo;

internal static partial class ActorEngine
{
    private const string Dashboard = "Dashboard";
    private const string DashboardPath = "/dashboard";

    /// <summary>Its page needs more than the API's answers.</summary>
    private const string DashboardPolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; frame-ancestors 'none'";

    /// <summary>Orleans' dashboard at /dashboard, where it is configured: for browsers on this machine alone, as it shows every grain and asks for no key.</summary>
    public static void Map(WebApplication app, IConfigurationSection clustering)
    {
        if (!HasDashboard(clustering))
            return;
        app.Use(async (context, next) =>
        {
            if (context.Request.Path.StartsWithSegments(DashboardPath))
            {
                if (!IsFromThisMachine(context))
                {
                    context.Response.StatusCode = StatusCodes.Status404NotFound;
                    return;
                }

                context.Response.Headers.ContentSecurityPolicy = DashboardPolicy;
            }

            await next(context);
        });
        app.MapOrleansDashboard(DashboardPath);
    }

    private static bool HasDashboard(IConfigurationSection clustering) => clustering[Dashboard] switch
    {
        null => false,
        var text when bool.TryParse(text, out var on) => on,
        var text => throw new BadConfigurationException($"{clustering.Path}:{Dashboard}: expected true or false, found '{text}'"),
    };

    /// <summary>Not through a proxy either.</summary>
    private static bool IsFromThisMachine(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address) && ListenUrls.IsLoopback(context.Request.Host.Host)
        && !context.Request.Headers.ContainsKey("X-Forwarded-For") && !context.Request.Headers.ContainsKey("Forwarded");
}
