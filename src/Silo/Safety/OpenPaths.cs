namespace Splitwiser.Silo.Safety;

/// <summary>What needs no API key: whether and what the silo is, and the page's own files, which hold no data.</summary>
internal static class OpenPaths
{
    private static readonly PathString Page = "/page";

    public static bool Contains(PathString path) =>
        path.Value is "/" or "/health" or "/ready" or "/version" or "/favicon.ico" || path.StartsWithSegments(Page, StringComparison.Ordinal);
}
