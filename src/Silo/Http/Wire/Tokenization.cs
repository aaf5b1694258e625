using System.Collections.Immutable;
using System.Text.Json;

namespace Splitwiser.Silo.Http.Wire;

/// <summary>The body of POST /tokenize: a prompt, or messages that the chat template makes a prompt of.</summary>
internal sealed record TokenizeRequest
{
    public string? Model { get; init; }
    public string? Prompt { get; init; }
    public ChatMessageInput[]? Messages { get; init; }

    /// <summary>True when missing for a prompt, false for messages, whose template writes them.</summary>
    public bool? AddSpecialTokens { get; init; }
    public bool? AddGenerationPrompt { get; init; }
    public bool? ContinueFinalMessage { get; init; }
    public Dictionary<string, JsonElement>? ChatTemplateKwargs { get; init; }

    /// <summary>As in /v1/chat/completions.</summary>
    public JsonElement[]? Tools { get; init; }
    public bool? ReturnTokenStrs { get; init; }
}

/// <param name="TokenStrs">In the vocabulary's own spelling, with return_token_strs.</param>
internal sealed record TokenizeResponse(int Count, int MaxModelLen, int[] Tokens, ImmutableArray<string>? TokenStrs);

internal sealed record DetokenizeRequest
{
    public string? Model { get; init; }
    public int[]? Tokens { get; init; }
}

internal sealed record DetokenizeResponse(string Prompt);
