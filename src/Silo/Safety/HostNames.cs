using System.Net;
using Splitwiser.Silo.Http;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Safety;

/// <summary>
/// Checks the name by which a request calls this host. A silo that only this machine reaches and that asks for no key takes loopback
/// names alone, unless told others: or any web page could reach it, by a name of its own that it lets point here (DNS rebinding).
/// </summary>
internal sealed class HostNames(RequestDelegate next, SplitwiserOptions options, ApiKeys keys, ListenUrls urls)
{
    private readonly HashSet<string> allowed = new(Lists.Read(options.AllowedHosts), StringComparer.OrdinalIgnoreCase);
    private readonly bool loopbackOnly = options.AllowedHosts is null && !keys.IsRequired && urls.AreLoopback;

    public Task InvokeAsync(HttpContext context)
    {
        var name = context.Request.Host.Host;
        if (loopbackOnly ? ListenUrls.IsLoopback(name) : allowed.Count == 0 || allowed.Contains("*") || allowed.Contains(name) || IsAddress(name))
            return next(context);
        throw ApiException.Misdirected($"This server is not known as '{name}'; --allowed-hosts says how it is.");
    }

    /// <summary>Probes call by address; a page can't make an address of its own point here.</summary>
    private static bool IsAddress(string name) => IPAddress.TryParse(name.Trim('[', ']'), out _);
}
