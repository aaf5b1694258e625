using System.Text.Json;
using Splitwiser.Chat;
using Splitwiser.Models.Chat;
using Splitwiser.Silo.Hosting;
using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Http;

/// <summary>Makes one prompt of a chat, by the model's template.</summary>
internal sealed class ChatPrompts(LoadedModel model)
{
    /// <returns>The prompt, and how its answers are to be read.</returns>
    /// <exception cref="ApiException">400: no messages, or the model has no template, or the template refuses them.</exception>
    public (string Text, AnswerFormat Format) Of(
        ChatMessageInput[]? messages, ChatTools tools, ChatEnding ending, IReadOnlyDictionary<string, JsonElement>? variables)
    {
        if (messages is null or [])
            throw ApiException.Invalid("messages: at least one message is needed.", "messages");
        var chat = model.Chat;
        var template = chat.Template ?? throw ApiException.Invalid(Problem!, "messages");
        if (tools.Described is not null && chat.Format.ToolCalls == ToolCallFormat.None)
            throw ApiException.Invalid($"tools: it is not known how {model.Served.Name} writes calls of tools; the server's --tool-call-parser can say it.", "tools", "unsupported_parameter");
        for (var i = 0; i < messages.Length; i++)
            Check(messages[i], $"messages[{i}]");
        try
        {
            var written = WireText.Element(messages.Select(ForTemplate).ToArray(), WireJson.Default.ChatMessageInputArray, "messages");
            var text = template.Render(written, tools.Described, ending == ChatEnding.Answer, variables);
            if (ending == ChatEnding.WithinLastMessage)
                text = Cut(text, messages[^1].Content);
            return (text, chat.Format.For(text, tools.Described is null ? null : tools.Names));
        }
        catch (Exception e) when (e is ChatRefusedException or ChatTemplateException)
        {
            throw ApiException.Invalid($"messages: {e.Message}", "messages");
        }
    }

    /// <summary>Why chats are refused; null when they aren't.</summary>
    public string? Problem => model.Chat.Template is not null ? null
        : model.Chat.Problem is { } problem ? $"{model.Served.Name}'s chat template can't be used ({problem}): use /v1/completions, or start the server with --chat-template."
        : $"{model.Served.Name} has no chat template: use /v1/completions, or start the server with --chat-template.";

    /// <summary>Templates know the system's role alone, not OpenAI's newer name of it, and an assistant's refusal as what it said.</summary>
    private static ChatMessageInput ForTemplate(ChatMessageInput message)
    {
        if (message.Role == "developer")
            return message with { Role = "system" };
        return message is { Content: null, Refusal: { } refusal } ? message with { Content = refusal, Refusal = null } : message;
    }

    /// <summary>The prompt up to the end of its last message's text. Templates may trim it.</summary>
    /// <exception cref="ApiException">400: the template doesn't write the message.</exception>
    private static string Cut(string prompt, string? message)
    {
        var begun = message?.TrimStart() ?? "";
        var at = begun.Trim() is { Length: > 0 } shown ? prompt.LastIndexOf(shown, StringComparison.Ordinal) : -1;
        if (at < 0)
            throw ApiException.Invalid("continue_final_message: the last message has no text in the prompt that could be gone on with.", "continue_final_message");
        return prompt[..(at + (prompt.AsSpan(at).StartsWith(begun, StringComparison.Ordinal) ? begun : begun.Trim()).Length)];
    }

    private static void Check(ChatMessageInput? message, string field)
    {
        if (message?.Role is not { Length: > 0 })
            throw ApiException.Invalid($"{field}.role: a role is needed.", $"{field}.role");
        UnservedFields.Refuse(message.Others, $"{field}.");
    }
}
