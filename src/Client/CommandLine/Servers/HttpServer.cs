using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;
using Splitwiser.Client.AI;
using Splitwiser.Client.Http;

namespace Splitwiser.Client.CommandLine.Servers;

/// <summary>A server by its HTTP API.</summary>
internal sealed class HttpServer : IServer
{
    private readonly HttpClient http;

    public HttpServer(Uri address, string? key)
    {
        http = new HttpClient { BaseAddress = Folder(address), Timeout = Timeout.InfiniteTimeSpan };
        if (key is not null)
            http.DefaultRequestHeaders.Authorization = new("Bearer", key);
    }

    public string Address => http.BaseAddress!.ToString().TrimEnd('/');

    public IAsyncEnumerable<TextPiece> Generate(GenerateRequest request, CancellationToken ct) => new CompletionsClient(http).Stream(
        new()
        {
            Prompt = request.Text is { } text ? JsonValue.Create(text) : new JsonArray([.. request.TokenIds.Select(id => JsonValue.Create(id))]),
            Model = request.Model,
            MaxTokens = request.Stop.MaxTokens,
            Temperature = request.Sampling.Temperature,
            TopP = request.Sampling.TopP,
            Seed = request.Sampling.Seed,
            Stop = request.Stop.Strings.IsEmpty ? null : [.. request.Stop.Strings],
            IgnoreEos = request.Stop.IgnoreEos ? true : null,
        },
        ct);

    public IChatClient Chat(string? model) => new HttpChatClient(http, model);

    public async Task<ImmutableArray<ModelCard>> Models(CancellationToken ct) => (await Get("v1/models", ClientJson.Default.ModelCards, ct)).Data;

    public async Task<ImmutableArray<DeviceCard>> Devices(CancellationToken ct) => (await Get("api/devices", ClientJson.Default.DeviceCards, ct)).Devices;

    public ValueTask DisposeAsync()
    {
        http.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <exception cref="ServerRefusedException">The server answered with an error, or with something else.</exception>
    private async Task<T> Get<T>(string path, JsonTypeInfo<T> type, CancellationToken ct)
    {
        using var response = await http.GetAsync(path, ct);
        if (!response.IsSuccessStatusCode)
            throw await CompletionsClient.RefusalOf(response, ct);
        try
        {
            return JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(ct), type) ?? throw new JsonException();
        }
        catch (JsonException e)
        {
            throw new ServerRefusedException($"{Address}/{path} answers with something else than a list.", inner: e);
        }
    }

    /// <summary>So that paths are seen from it: http://host/v1 would lose its v1 otherwise. OpenAI's clients write that v1, ours doesn't need it.</summary>
    private static Uri Folder(Uri address)
    {
        var text = address.ToString().TrimEnd('/');
        return new($"{(text.EndsWith("/v1", StringComparison.Ordinal) ? text[..^3] : text)}/");
    }
}
