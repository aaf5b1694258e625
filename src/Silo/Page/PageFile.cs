using Microsoft.Net.Http.Headers;

namespace Splitwiser.Silo.Page;

/// <summary>A file of the web page.</summary>
internal sealed record PageFile(ReadOnlyMemory<byte> Bytes, string ContentType, EntityTagHeaderValue Tag)
{
    /// <summary>What the names of its resources begin with.</summary>
    public const string Prefix = "page/";

    public static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        var other => throw new InvalidOperationException($"The page has no type for '{other}'."),
    };
}
