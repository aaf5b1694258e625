using System.Net;

namespace Splitwiser.Silo.Options;

/// <summary>Where the HTTP API listens. The setting has ASP.NET's name: --urls, SPLITWISER_URLS, "Urls".</summary>
/// <param name="Text">One or more, parted by ';'.</param>
internal sealed record ListenUrls(string Text)
{
    public const string Key = "Urls";
    public const string Default = "http://127.0.0.1:8080";
    public const string Description = "Where the HTTP API listens; several are parted by ';'. https needs a certificate.";

    /// <summary>Only this machine reaches them.</summary>
    public bool AreLoopback => Each.All(url => IsLoopback(url.Host));

    /// <summary>One of them is https.</summary>
    public bool AnySecure => Each.Any(url => url.Scheme == Uri.UriSchemeHttps);

    private IEnumerable<Uri> Each => Text.Split(';').Select(url => Parse(url)!);

    /// <exception cref="BadConfigurationException">One of them is no http(s)://host:port.</exception>
    public static ListenUrls Read(IConfiguration configuration)
    {
        var urls = configuration[Key] is { Length: > 0 } given ? given : Default;
        var problems = urls.Split(';').Where(url => Parse(url) is null).Select(url => $"--urls: expected http://host:port or https://host:port, found '{url}'").ToList();
        return problems.Count == 0 ? new(urls) : throw new BadConfigurationException(problems);
    }

    /// <summary>Whether a host's name or address means this machine, seen from itself.</summary>
    public static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static Uri? Parse(string url) =>
        Uri.TryCreate(url.Trim().Replace("://*", "://any").Replace("://+", "://any"), UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https" && uri.AbsolutePath == "/" ? uri : null;
}
