using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Splitwiser.Client.AI;

/// <summary>Messages and tools in OpenAI's shape.</summary>
internal static class ChatMessagesJson
{
    /// <param name="argumentsAsText">Calls have their arguments as JSON text, as the HTTP API does, and not as objects, as templates do.</param>
    public static JsonArray Of(IEnumerable<ChatMessage> messages, bool argumentsAsText) => new([.. messages.SelectMany(message => Of(message, argumentsAsText))]);

    /// <summary>Null when there are no functions among the tools.</summary>
    public static JsonArray? Of(IEnumerable<AITool>? tools)
    {
        var functions = tools?.OfType<AIFunctionDeclaration>().Select(function => (JsonNode)new JsonObject
        {
            ["type"] = "function",
            ["function"] = new JsonObject
            {
                ["name"] = function.Name,
                ["description"] = function.Description,
                ["parameters"] = JsonNode.Parse(function.JsonSchema.GetRawText()),
            },
        }).ToArray();
        return functions is null or [] ? null : new(functions);
    }

    /// <summary>Results of tools become messages of their own.</summary>
    private static IEnumerable<JsonNode> Of(ChatMessage message, bool argumentsAsText)
    {
        foreach (var result in message.Contents.OfType<FunctionResultContent>())
            yield return new JsonObject { ["role"] = "tool", ["tool_call_id"] = result.CallId, ["content"] = Text(result.Result) };
        var calls = message.Contents.OfType<FunctionCallContent>().Select(call => Call(call, argumentsAsText)).ToArray();
        if (message.Text.Length == 0 && calls.Length == 0 && message.Contents.Count > 0)
            yield break;
        var said = new JsonObject { ["role"] = message.Role.Value, ["content"] = message.Text.Length == 0 && calls.Length > 0 ? null : message.Text };
        if (calls.Length > 0)
            said["tool_calls"] = new JsonArray(calls);
        yield return said;
    }

    private static JsonNode Call(FunctionCallContent call, bool argumentsAsText)
    {
        var arguments = JsonSerializer.Serialize(call.Arguments ?? new Dictionary<string, object?>(), AIJsonUtilities.DefaultOptions);
        return new JsonObject
        {
            ["id"] = call.CallId,
            ["type"] = "function",
            ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = argumentsAsText ? arguments : JsonNode.Parse(arguments) },
        };
    }

    private static string Text(object? result) => result as string ?? JsonSerializer.Serialize(result, AIJsonUtilities.DefaultOptions);
}
