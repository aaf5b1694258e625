using Microsoft.Net.Http.Headers;
using Splitwiser.Silo.Http;

namespace Splitwiser.Silo.Safety;

/// <summary>Lets callers in by their key, and no more of them than it allows. Reading (GET) needs the key but counts for no limit.</summary>
internal sealed class KeyGate(RequestDelegate next, ApiKeys keys)
{
    private const string Scheme = "Bearer ";

    /// <exception cref="ApiException">401 without a valid key, 429 over a limit.</exception>
    public async Task InvokeAsync(HttpContext context)
    {
        var caller = keys.IsRequired && !OpenPaths.Contains(context.Request.Path) ? Known(context) : keys.Everybody;
        if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
        {
            await next(context);
            return;
        }

        using var running = caller.Enter();
        await next(context);
    }

    private Caller Known(HttpContext context)
    {
        var authorization = context.Request.Headers.Authorization;
        if (authorization is [{ } value] && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && keys.Find(value[Scheme.Length..].Trim()) is { } caller)
            return caller;
        context.Response.Headers[HeaderNames.WWWAuthenticate] = "Bearer";
        throw ApiException.Unauthorized(authorization.Count == 0
            ? "An API key is needed: send the header 'Authorization: Bearer KEY'."
            : "The API key is not valid here.");
    }
}
