using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Splitwiser.Client.CommandLine.Servers;

/// <summary>Which server a command talks to, and by which key.</summary>
internal sealed class ServerOptions
{
    public const string UrlVariable = "SPLITWISER_URL";

    /// <summary>A silo reads its keys from it, parted by commas; a client shows the first of them.</summary>
    public const string KeyVariable = "SPLITWISER_API_KEY";

    private const string DefaultUrl = "http://127.0.0.1:8080";

    private readonly ClusterRoute cluster = new();
    private readonly Option<Uri?> url = new("--url")
    {
        Description = $"The server's HTTP address; {UrlVariable} when absent. [default: {DefaultUrl}]",
        HelpName = "URL",
        CustomParser = Parse,
    };

    private readonly Option<string?> apiKey = new("--api-key") { Description = $"The key to show; {KeyVariable} when absent.", HelpName = "KEY" };

    public void AddTo(Command command)
    {
        command.Options.Add(url);
        command.Options.Add(apiKey);
        foreach (var option in cluster.Options)
            command.Options.Add(option);
    }

    /// <summary>Said of a server that is asked over HTTP.</summary>
    public string HttpNotice(IServer server) => string.Format(CultureInfo.InvariantCulture, cluster.HttpNotice, server.Address);

    /// <exception cref="BadAddressException">The environment's address is none.</exception>
    public async Task<IServer> Connect(ParseResult parsed, CancellationToken ct) =>
        await cluster.Connect(parsed, ct) ?? (IServer)new HttpServer(parsed.GetValue(url) ?? FromEnvironment(), parsed.GetValue(apiKey) ?? KeyFromEnvironment());

    private static string? KeyFromEnvironment() =>
        Environment.GetEnvironmentVariable(KeyVariable)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault();

    private static Uri FromEnvironment()
    {
        var text = Environment.GetEnvironmentVariable(UrlVariable) is { Length: > 0 } given ? given : DefaultUrl;
        return IsAddress(text, out var address) ? address : throw new BadAddressException($"{UrlVariable}: expected http://host:port, found '{text}'");
    }

    private static Uri? Parse(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (IsAddress(text, out var address))
            return address;
        result.AddError($"--url: expected http://host:port, found '{text}'");
        return null;
    }

    private static bool IsAddress(string text, [NotNullWhen(true)] out Uri? address) =>
        Uri.TryCreate(text, UriKind.Absolute, out address) && address.Scheme is "http" or "https";
}

/// <summary>The address of the server is none.</summary>
internal sealed class BadAddressException(string message) : Exception(message);
