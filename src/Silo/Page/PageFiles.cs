using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;
using Splitwiser.Silo.Http;

namespace Splitwiser.Silo.Page;

/// <summary>GET / and /page/{file}: the web page's files, which lie in this assembly.</summary>
internal sealed class PageFiles : IEndpoint
{
    /// <summary>Scripts, styles and calls of this origin alone, nothing inline, and no string becomes code.</summary>
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; " +
        "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    private const string Index = "index.html";
    private readonly FrozenDictionary<string, PageFile> files = Read().ToFrozenDictionary();

    public IEnumerable<string> Names => files.Keys;

    public Task Handle(HttpContext context) => Send(context, context.Request.RouteValues["file"] as string ?? Index);

    private Task Send(HttpContext context, string name)
    {
        if (!files.TryGetValue(name, out var file))
            throw ApiException.OfStatus(StatusCodes.Status404NotFound);
        var headers = context.Response.GetTypedHeaders();
        headers.ETag = file.Tag;
        headers.CacheControl = new() { NoCache = true };
        context.Response.Headers.ContentSecurityPolicy = Policy;
        context.Response.Headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()";
        context.Response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
        if (context.Request.GetTypedHeaders().IfNoneMatch.Any(tag => tag.Compare(file.Tag, useStrongComparison: false)))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        context.Response.ContentType = file.ContentType;
        context.Response.ContentLength = file.Bytes.Length;
        return context.Response.Body.WriteAsync(file.Bytes, context.RequestAborted).AsTask();
    }

    private static IEnumerable<KeyValuePair<string, PageFile>> Read()
    {
        var assembly = typeof(PageFiles).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(PageFile.Prefix, StringComparison.Ordinal)))
        {
            using var content = assembly.GetManifestResourceStream(name)!;
            var bytes = new byte[content.Length];
            content.ReadExactly(bytes);
            yield return new(name[PageFile.Prefix.Length..], new(
                bytes, PageFile.TypeOf(name), new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8))}\"")));
        }
    }
}
