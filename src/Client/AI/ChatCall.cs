using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Splitwiser.Client.AI;

/// <summary>A call of /v1/chat/completions: its body, and what its events mean.</summary>
internal static class ChatCall
{
    public static JsonObject Body(IEnumerable<ChatMessage> messages, ChatOptions? options, string? model)
    {
        var all = options?.Instructions is { } instructions ? messages.Prepend(new ChatMessage(ChatRole.System, instructions)) : messages;
        var body = new JsonObject
        {
            ["messages"] = ChatMessagesJson.Of(all, argumentsAsText: true),
            ["stream"] = true,
            ["stream_options"] = new JsonObject { ["include_usage"] = true },
        };
        Set("model", options?.ModelId ?? model);
        Set("max_tokens", options?.MaxOutputTokens);
        Set("temperature", options?.Temperature);
        Set("top_p", options?.TopP);
        Set("top_k", options?.TopK);
        Set("frequency_penalty", options?.FrequencyPenalty);
        Set("presence_penalty", options?.PresencePenalty);
        Set("seed", options?.Seed);
        Set("stop", options?.StopSequences is { Count: > 0 } stops ? new JsonArray([.. stops.Select(stop => (JsonNode)stop)]) : null);
        Set("tools", ChatMessagesJson.Of(options?.Tools));
        Set("tool_choice", body.ContainsKey("tools") ? Choice(options?.ToolMode) : null);
        Set("parallel_tool_calls", options?.AllowMultipleToolCalls);
        Set("response_format", Format(options?.ResponseFormat));
        if (options?.AdditionalProperties is { } further)
        {
            foreach (var (name, value) in further)
                body[name] = JsonSerializer.SerializeToNode(value, AIJsonUtilities.DefaultOptions);
        }

        return body;

        void Set(string name, JsonNode? value)
        {
            if (value is not null)
                body[name] = value;
        }
    }

    public static IEnumerable<ChatResponseUpdate> Updates(ChatUpdates updates, JsonElement data)
    {
        foreach (var choice in data.GetProperty("choices").EnumerateArray())
        {
            var delta = choice.GetProperty("delta");
            if (Text(delta, "reasoning_content") is { } thought)
                yield return updates.Thought(thought);
            if (Text(delta, "content") is { } said)
                yield return updates.Said(said);
            foreach (var call in delta.TryGetProperty("tool_calls", out var calls) ? calls.EnumerateArray() : default)
            {
                var function = call.GetProperty("function");
                if (Text(call, "id") is { } id && updates.CallBegins(id, Text(function, "name") ?? "") is { } before)
                    yield return before;
                updates.Arguments(Text(function, "arguments") ?? "");
            }

            if (Text(choice, "finish_reason") is not { } reason)
                continue;
            if (updates.Flush() is { } last)
                yield return last;
            yield return updates.Finished(new ChatFinishReason(reason));
        }

        if (data.TryGetProperty("usage", out var usage) && usage.ValueKind == JsonValueKind.Object)
            yield return updates.Used(new(Count(usage, "prompt_tokens"), Cached(usage), Count(usage, "completion_tokens")));
    }

    private static JsonNode? Choice(ChatToolMode? mode) => mode switch
    {
        NoneChatToolMode => "none",
        RequiredChatToolMode { RequiredFunctionName: { } name } => new JsonObject { ["type"] = "function", ["function"] = new JsonObject { ["name"] = name } },
        RequiredChatToolMode => "required",
        _ => null,
    };

    private static JsonObject? Format(ChatResponseFormat? format) => format switch
    {
        ChatResponseFormatJson { Schema: { } schema } json => new()
        {
            ["type"] = "json_schema",
            ["json_schema"] = new JsonObject { ["name"] = json.SchemaName ?? "answer", ["schema"] = JsonNode.Parse(schema.GetRawText()) },
        },
        ChatResponseFormatJson => new() { ["type"] = "json_object" },
        _ => null,
    };

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String && text.GetString() is { Length: > 0 } there ? there : null;

    private static int Count(JsonElement usage, string name) => usage.GetProperty(name).GetInt32();

    /// <summary>Not every server tells.</summary>
    private static int Cached(JsonElement usage) =>
        usage.TryGetProperty("prompt_tokens_details", out var details) && details.ValueKind == JsonValueKind.Object
        && details.TryGetProperty("cached_tokens", out var cached) && cached.ValueKind == JsonValueKind.Number ? cached.GetInt32() : 0;
}
