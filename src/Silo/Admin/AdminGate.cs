using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;
using Splitwiser.Silo.Http;
using Splitwiser.Silo.Safety;

namespace Splitwiser.Silo.Admin;

/// <summary>Lets in who shows the operator's key. A caller's API key opens nothing here.</summary>
internal sealed class AdminGate(string key)
{
    /// <summary>Shortest key that is taken: it guards all devices.</summary>
    public const int ShortestKey = 16;

    private const string Scheme = "Bearer ";

    private readonly byte[] hash = [.. ApiKey.HashOf(key)];

    /// <summary>Answers 401 without the key.</summary>
    public RequestDelegate Guard(RequestDelegate endpoint) => context =>
    {
        if (Holds(context.Request.Headers.Authorization))
            return endpoint(context);
        context.Response.Headers[HeaderNames.WWWAuthenticate] = "Bearer";
        throw ApiException.Unauthorized("The operator's key is needed (--admin-key): send the header 'Authorization: Bearer KEY'.");
    };

    private bool Holds(Microsoft.Extensions.Primitives.StringValues authorization) =>
        authorization is [{ } value] && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(ApiKey.HashOf(value[Scheme.Length..].Trim()).AsSpan(), hash);
}
