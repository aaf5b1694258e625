using System.Collections.Immutable;
using Microsoft.Extensions.AI;
using Splitwiser.Chat;

namespace Splitwiser.Client.AI;

/// <summary>What a chat asks of the grains.</summary>
internal static class ChatGeneration
{
    public static Conversation ConversationOf(IEnumerable<ChatMessage> messages, ChatOptions? options, string? model) => new()
    {
        Messages = ChatMessagesJson.Of(options?.Instructions is { } instructions ? messages.Prepend(new(ChatRole.System, instructions)) : messages, argumentsAsText: false).ToJsonString(),
        Tools = options?.ToolMode is NoneChatToolMode ? null : ChatMessagesJson.Of(options?.Tools)?.ToJsonString(),
        Model = options?.ModelId ?? model,
    };

    public static GenerateRequest Request(ChatPrompt prompt, ChatOptions? options, string? model) => new()
    {
        Model = options?.ModelId ?? model,
        Text = prompt.Text,
        AddSpecialTokens = false, // the template writes them
        SkipSpecialTokens = !prompt.Format.CallsWithSpecialTokens,
        Constraint = ForcedCalls.BehindThoughts(prompt.Format, Constraint(prompt.Format, options)),
        Sampling = new()
        {
            Temperature = options?.Temperature,
            TopP = options?.TopP,
            TopK = options?.TopK,
            MinP = Further(options, "min_p"),
            RepetitionPenalty = Further(options, "repetition_penalty"),
            FrequencyPenalty = options?.FrequencyPenalty,
            PresencePenalty = options?.PresencePenalty,
            Seed = options?.Seed,
        },
        Stop = new() { MaxTokens = options?.MaxOutputTokens, Strings = [.. options?.StopSequences ?? []] },
    };

    /// <summary>A number of the API's that <see cref="ChatOptions"/> has no property for.</summary>
    private static float? Further(ChatOptions? options, string name) =>
        options?.AdditionalProperties?.TryGetValue(name, out float value) == true ? value : null;

    private static OutputConstraint? Constraint(AnswerFormat format, ChatOptions? options)
    {
        if (format.ToolCalls != ToolCallFormat.None && options?.ToolMode is RequiredChatToolMode required)
            return ForcedCalls.Of(format, Functions(options, required.RequiredFunctionName), required.RequiredFunctionName is null && options.AllowMultipleToolCalls != false);
        return options?.ResponseFormat switch
        {
            ChatResponseFormatJson { Schema: { } schema } => OutputConstraint.JsonSchema(schema.GetRawText()),
            ChatResponseFormatJson => OutputConstraint.JsonObject,
            _ => null,
        };
    }

    private static ImmutableArray<(string Name, string? Schema)> Functions(ChatOptions options, string? named) =>
    [
        .. from function in options.Tools!.OfType<AIFunctionDeclaration>()
           where named is null || function.Name == named
           select (function.Name, (string?)function.JsonSchema.GetRawText()),
    ];
}
