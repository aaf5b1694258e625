using Splitwiser.Silo.Hosting;

namespace Splitwiser.Silo.Http;

/// <summary>Lets requests in while the host runs, and cuts the last ones when its shutdown timeout is over.</summary>
internal sealed class DrainGate(RequestDelegate next, Drain drain)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (IsWatching(context.Request.Path))
        {
            await next(context);
            return;
        }

        if (!drain.TryEnter())
            throw ApiException.Unavailable("The server is shutting down.", TimeSpan.FromSeconds(5));
        try
        {
            await using var cut = drain.Cut.Register(static state => ((HttpContext)state!).Abort(), context);
            await next(context);
        }
        finally
        {
            drain.Leave();
        }
    }

    /// <summary>What one watches a drain with: it is answered to the end, and holds nothing up.</summary>
    private static bool IsWatching(PathString path) => path.Value is "/ready" or "/version" or "/metrics" or "/api/live" or "/api/devices";
}
