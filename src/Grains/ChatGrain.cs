using System.Collections.Immutable;
using System.Text.Json;
using Orleans.Placement;
using Splitwiser.Chat;
using Splitwiser.Models.Chat;

namespace Splitwiser.Grains;

/// <summary>The door to the model's chat template, for clients over Orleans.</summary>
[PreferLocalPlacement]
internal sealed class ChatGrain(ServedModel model) : Grain, IChatGrain
{
    public Task<ChatPrompt> Render(Conversation conversation, CancellationToken cancellationToken)
    {
        DeactivateOnIdle(); // there is one for each conversation
        if (conversation.Model is { } name && name != model.Name)
            throw new RequestRefusedException(RefusalReason.UnknownModel, $"The model '{name}' is not served here; '{model.Name}' is.", "model");
        var template = model.ChatTemplate ?? throw Refused($"{model.Name} has no chat template that can be used.", "messages");
        var tools = conversation.Tools is { } described ? Json(described, "tools") : (JsonElement?)null;
        if (tools is not null && model.AnswerFormat.ToolCalls == ToolCallFormat.None)
            throw Refused($"It is not known how {model.Name} writes calls of tools.", "tools");
        var text = Rendered(template, Json(conversation.Messages, "messages"), tools);
        return Task.FromResult(new ChatPrompt(text, model.AnswerFormat.For(text, tools is null ? null : Names(tools.Value))));
    }

    private static string Rendered(ChatTemplate template, JsonElement messages, JsonElement? tools)
    {
        try
        {
            return template.Render(messages, tools);
        }
        catch (Exception e) when (e is ChatRefusedException or ChatTemplateException)
        {
            throw Refused(e.Message, "messages");
        }
    }

    private static JsonElement Json(string text, string field)
    {
        try
        {
            return JsonElement.Parse(text) is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() > 0 ? list : throw Refused($"{field}: expected a list that is not empty.", field);
        }
        catch (JsonException e)
        {
            throw Refused($"{field}: {e.Message}", field);
        }
    }

    private static ImmutableArray<string> Names(JsonElement tools)
    {
        try
        {
            return [.. tools.EnumerateArray().Select(tool => tool.GetProperty("function").GetProperty("name").GetString() ?? throw NoFunction())];
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException)
        {
            throw NoFunction();
        }
    }

    private static RequestRefusedException NoFunction() => Refused("tools: expected functions with names.", "tools");

    private static RequestRefusedException Refused(string message, string field) => new(RefusalReason.InvalidRequest, message, field);
}
