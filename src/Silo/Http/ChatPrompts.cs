using System.Text.Json;
using Splitwiser.Models.Chat;
using Splitwiser.Silo.Hosting;
using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Http;

/// <summary>Makes one prompt of a chat, by the model's template.</summary>
internal sealed class ChatPrompts(LoadedModel model)
{
    /// <exception cref="ApiException">400: no messages, or the model has no template, or the template refuses them.</exception>
    public string Of(ChatMessageInput[]? messages, bool addGenerationPrompt, IReadOnlyDictionary<string, JsonElement>? variables)
    {
        if (messages is null or [])
            throw ApiException.Invalid("messages: at least one message is needed.", "messages");
        var template = model.Chat.Template ?? throw ApiException.Invalid(NoTemplate, "messages");
        for (var i = 0; i < messages.Length; i++)
            Check(messages[i], $"messages[{i}]");
        try
        {
            return template.Render(JsonSerializer.SerializeToElement(messages, WireJson.Default.ChatMessageInputArray), addGenerationPrompt: addGenerationPrompt, variables: variables);
        }
        catch (Exception e) when (e is ChatRefusedException or ChatTemplateException)
        {
            throw ApiException.Invalid($"messages: {e.Message}", "messages");
        }
    }

    private string NoTemplate => model.Chat.Problem is { } problem
        ? $"{model.Served.Name}'s chat template can't be used ({problem}): use /v1/completions, or start the server with --chat-template."
        : $"{model.Served.Name} has no chat template: use /v1/completions, or start the server with --chat-template.";

    private static void Check(ChatMessageInput? message, string field)
    {
        if (message?.Role is not { Length: > 0 })
            throw ApiException.Invalid($"{field}.role: a role is needed.", $"{field}.role");
        UnservedFields.Refuse(message.Others, $"{field}.");
    }
}
