namespace Splitwiser.Silo.Options;

/// <summary>Where the HTTP API listens. The setting has ASP.NET's name: --urls, SPLITWISER_URLS, "Urls".</summary>
internal static class ListenUrls
{
    public const string Key = "Urls";
    public const string Default = "http://127.0.0.1:8080";

    /// <exception cref="BadConfigurationException">One of them is no http://host:port.</exception>
    public static string Read(IConfiguration configuration)
    {
        var urls = configuration[Key] is { Length: > 0 } given ? given : Default;
        var problems = urls.Split(';').Where(url => !IsServed(url.Trim())).Select(url => $"--urls: expected http://host:port, found '{url}' (TLS is for a proxy in front)").ToList();
        return problems.Count == 0 ? urls : throw new BadConfigurationException(problems);
    }

    private static bool IsServed(string url) =>
        Uri.TryCreate(url.Replace("://*", "://any").Replace("://+", "://any"), UriKind.Absolute, out var uri) && uri.Scheme == "http" && uri.AbsolutePath == "/";
}
