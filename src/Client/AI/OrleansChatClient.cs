using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Splitwiser.Chat;

namespace Splitwiser.Client.AI;

/// <summary>Chats over Orleans: a grain renders the conversation, <see cref="SplitwiserClient"/> streams the answer and resumes it when a silo is lost.</summary>
/// <param name="grains">The cluster's client, or the grain factory of a silo.</param>
/// <param name="client">Over the same cluster.</param>
/// <param name="model">Served name; null for the one that is served.</param>
public sealed class OrleansChatClient(IGrainFactory grains, SplitwiserClient client, string? model = null) : IChatClient
{
    /// <inheritdoc/>
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="RequestRefusedException">The conversation can't be served, or not now.</exception>
    /// <exception cref="RequestLostException">The answer could not be finished.</exception>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var prompt = await grains.GetGrain<IChatGrain>(Guid.NewGuid()).Render(ChatGeneration.ConversationOf(messages, options, model), cancellationToken);
        var id = $"chat-{Guid.NewGuid():N}";
        var updates = new ChatUpdates(id) { Model = options?.ModelId ?? model };
        var reader = new AnswerReader(prompt.Format);
        await foreach (var chunk in client.GenerateAsync(ChatGeneration.Request(prompt, options, model), cancellationToken))
        {
            var parts = chunk.End is null ? reader.Read(chunk.Text) : reader.Read(chunk.Text).AddRange(reader.End());
            foreach (var part in parts)
            {
                if (part.Call > 0 && options?.AllowMultipleToolCalls == false)
                    continue;
                if (Update(updates, part, id) is { } update)
                    yield return update;
            }

            if (chunk.End is not { } end)
                continue;
            if (updates.Flush() is { } call)
                yield return call;
            yield return updates.Finished(end.Reason == FinishReason.Length ? ChatFinishReason.Length : reader.CallCount > 0 ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop);
            yield return updates.Used(end.Usage);
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        Services.Find(serviceType, serviceKey, this, client, new ChatClientMetadata("splitwiser", null, model));

    /// <summary>Nothing is held here.</summary>
    public void Dispose()
    {
        // The grain factory is the caller's.
    }

    private static ChatResponseUpdate? Update(ChatUpdates updates, AnswerPart part, string id)
    {
        switch (part.Kind)
        {
            case AnswerPartKind.Said:
                return updates.Said(part.Text);
            case AnswerPartKind.Thought:
                return updates.Thought(part.Text);
            case AnswerPartKind.CallName:
                return updates.CallBegins($"{id}-{part.Call}", part.Text);
            default:
                updates.Arguments(part.Text);
                return null;
        }
    }
}
