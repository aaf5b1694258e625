using Splitwiser.Grains;
using Splitwiser.Models.Chat;
using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Http;

/// <summary>Makes one prompt of a chat, by the model's template.</summary>
internal sealed class ChatPrompt(ServedModel model)
{
    /// <exception cref="ApiException">400: no messages, or the model has no template, or the template refuses them.</exception>
    public string Of(ChatMessageInput[]? messages, bool addGenerationPrompt)
    {
        if (messages is null or [])
            throw ApiException.Invalid("messages: at least one message is needed.", "messages");
        var template = model.ChatTemplate
            ?? throw ApiException.Invalid($"{model.Name} has no chat template: use /v1/completions, or start the server with --chat-template.", "messages");
        for (var i = 0; i < messages.Length; i++)
            UnservedFields.Refuse(messages[i].Others, $"messages[{i}].");
        try
        {
            return template.Render([.. messages.Select(Message)], addGenerationPrompt);
        }
        catch (ChatTemplateException e)
        {
            throw ApiException.Invalid($"messages: {e.Message}", "messages");
        }
    }

    private static ChatMessage Message(ChatMessageInput message, int index) => message.Role is { Length: > 0 } role
        ? new(role, message.Content ?? "")
        : throw ApiException.Invalid($"messages[{index}].role: a role is needed.", $"messages[{index}].role");
}
