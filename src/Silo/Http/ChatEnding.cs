namespace Splitwiser.Silo.Http;

/// <summary>How a chat's prompt ends.</summary>
internal enum ChatEnding
{
    /// <summary>Where the assistant's answer begins.</summary>
    Answer,

    /// <summary>Behind the last message.</summary>
    LastMessage,

    /// <summary>Within the last message, so that the answer goes on with it.</summary>
    WithinLastMessage,
}

internal static class ChatEndings
{
    /// <exception cref="ApiException">400: both were asked for.</exception>
    public static ChatEnding Of(bool? addGenerationPrompt, bool? continueFinalMessage) => (addGenerationPrompt, continueFinalMessage) switch
    {
        (true, true) => throw ApiException.Invalid("continue_final_message: a prompt can't end within the last message and begin another behind it (add_generation_prompt).", "continue_final_message"),
        (_, true) => ChatEnding.WithinLastMessage,
        (false, _) => ChatEnding.LastMessage,
        _ => ChatEnding.Answer,
    };
}
