using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Splitwiser.Silo.Tests;

/// <summary>The HTTP API as a client without any types of ours sees it.</summary>
internal sealed class Api(Uri address, string? key = null) : IDisposable
{
    private readonly HttpClient http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 1024 }) 
    {
        BaseAddress = address,
        Timeout = TimeSpan.FromMinutes(5),
        DefaultRequestHeaders = { Authorization = key is null ? null : new("Bearer", key) },
    };

    public Uri Address => address;

    public async Task<Answer> Get(string path) => await Answer.Read(await http.GetAsync(path, TestContext.Current.CancellationToken));

    public Task<Answer> Post(string path, object body) => Post(path, JsonSerializer.Serialize(body));

    public Task<Answer> Post(string path, string json) => Post(path, Encoding.UTF8.GetBytes(json));

    public async Task<Answer> Post(string path, byte[] body, string contentType = "application/json", CancellationToken ct = default)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, TestContext.Current.CancellationToken);
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        return await Answer.Read(await http.PostAsync(path, content, both.Token));
    }

    /// <summary>A completion's answer; fails the test unless it is a 200.</summary>
    public async Task<JsonElement> Complete(object body) => (await Post("v1/completions", body)).Success();

    /// <summary>The events of a stream, "[DONE]" left out; fails when that is missing.</summary>
    public async IAsyncEnumerable<JsonElement> Stream(string path, object body, [EnumeratorCancellation] CancellationToken ct = default)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, TestContext.Current.CancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json") };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
        if (!response.IsSuccessStatusCode)
            throw new ApiFailure((await Answer.Read(response)).Error());
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        await using var stream = await response.Content.ReadAsStreamAsync(both.Token);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(both.Token))
        {
            if (item.Data == "[DONE]")
                yield break;
            yield return JsonElement.Parse(item.Data);
        }

        throw new HttpRequestException("The stream broke off.");
    }

    public async Task<List<JsonElement>> Events(string path, object body)
    {
        List<JsonElement> events = [];
        await foreach (var item in Stream(path, body))
            events.Add(item);
        return events;
    }

    public void Dispose() => http.Dispose();
}

/// <summary>A refusal of a stream, before its first event.</summary>
internal sealed class ApiFailure(JsonElement error) : Exception(error.ToString())
{
    public JsonElement Error { get; } = error;
}
