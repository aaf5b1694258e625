using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Splitwiser.Client.Http;

namespace Splitwiser.Client.AI;

/// <summary>Chats over a silo's HTTP API. Further options of the API go by <see cref="ChatOptions.AdditionalProperties"/>, under the API's names.</summary>
/// <param name="http">With the silo's address as its base; not disposed with this client.</param>
/// <param name="model">Served name; null for the one that is served.</param>
public sealed class HttpChatClient(HttpClient http, string? model = null) : IChatClient
{
    /// <inheritdoc/>
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="ServerRefusedException">The server refused the request, or failed.</exception>
    /// <exception cref="HttpRequestException">There is no server, or the connection broke.</exception>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var call = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions")
        {
            Content = new StringContent(ChatCall.Body(messages, options, model).ToJsonString(), Encoding.UTF8, "application/json"),
        };
        using var response = await http.SendAsync(call, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw await CompletionsClient.RefusalOf(response, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        ChatUpdates? updates = null;
        await foreach (var item in SseParser.Create(body).EnumerateAsync(cancellationToken))
        {
            if (item.Data == "[DONE]")
                yield break;
            var data = Event(item.Data);
            if (data.TryGetProperty("error", out var error))
                throw new ServerRefusedException(error.TryGetProperty("message", out var message) ? message.GetString()! : "The server failed.");
            updates ??= new(data.GetProperty("id").GetString()!) { Model = data.GetProperty("model").GetString() };
            foreach (var update in ChatCall.Updates(updates, data))
                yield return update;
        }

        throw new ServerRefusedException("The stream broke off before its end.");
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        Services.Find(serviceType, serviceKey, this, new ChatClientMetadata("splitwiser", http.BaseAddress, model));

    /// <summary>Nothing is held here.</summary>
    public void Dispose()
    {
        // The HttpClient is the caller's.
    }

    private static JsonElement Event(string data)
    {
        try
        {
            return JsonElement.Parse(data);
        }
        catch (JsonException e)
        {
            throw new ServerRefusedException("The server sent an event that is no JSON.", inner: e);
        }
    }
}
