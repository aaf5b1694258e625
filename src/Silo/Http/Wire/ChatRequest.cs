using System.Text.Json;

namespace Splitwiser.Silo.Http.Wire;

/// <summary>The body of POST /v1/chat/completions.</summary>
internal sealed record ChatRequest : GenerationFields
{
    public ChatMessageInput[]? Messages { get; init; }

    /// <summary>OpenAI's newer name of max_tokens.</summary>
    public int? MaxCompletionTokens { get; init; }
    public bool? Logprobs { get; init; }

    /// <summary>Most likely tokens to report per position; needs logprobs.</summary>
    public int? TopLogprobs { get; init; }

    /// <summary>vLLM's: ends the prompt where the assistant's answer begins; true when missing.</summary>
    public bool? AddGenerationPrompt { get; init; }

    /// <summary>vLLM's: more variables for the template, such as "enable_thinking".</summary>
    public Dictionary<string, JsonElement>? ChatTemplateKwargs { get; init; }
}
