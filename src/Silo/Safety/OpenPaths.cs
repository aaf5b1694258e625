namespace Splitwiser.Silo.Safety;

/// <summary>What needs no API key: whether and what the silo is, the page's own files, which hold no data, and the operator's endpoints and the engine's dashboard, which have guards of their own.</summary>
internal static class OpenPaths
{
    private static readonly PathString Page = "/page";
    private static readonly PathString Admin = "/admin";
    private static readonly PathString Dashboard = "/dashboard";

    public static bool Contains(PathString path) =>
        path.Value is "/" or "/health" or "/ready" or "/version" or "/favicon.ico" || new[] { Page, Admin, Dashboard }.Any(start => path.StartsWithSegments(start, StringComparison.Ordinal));
}
