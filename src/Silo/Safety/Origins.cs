using Microsoft.AspNetCore.Cors.Infrastructure;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Safety;

/// <summary>Which web pages of other origins may call (CORS): none, unless --allowed-origins says so. Keys travel in a header, so cookies are never allowed.</summary>
internal static class Origins
{
    public static CorsPolicy Policy(SplitwiserOptions options)
    {
        var origins = Lists.Read(options.AllowedOrigins);
        var policy = new CorsPolicyBuilder().WithMethods("GET", "POST").AllowAnyHeader().WithExposedHeaders("Retry-After").SetPreflightMaxAge(TimeSpan.FromMinutes(10));
        return (origins.Contains("*") ? policy.AllowAnyOrigin() : policy.WithOrigins(origins)).Build();
    }

    /// <summary>What is wrong with the list.</summary>
    public static IEnumerable<string> Problems(string? list) => Lists.Read(list)
        .Where(origin => origin != "*" && !(Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && origin == uri.GetLeftPart(UriPartial.Authority)))
        .Select(origin => $"--allowed-origins: expected http(s)://host[:port] or *, found '{origin}'");
}
