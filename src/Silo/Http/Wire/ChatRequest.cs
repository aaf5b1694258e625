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

    /// <summary>Functions that the model may call.</summary>
    public JsonElement[]? Tools { get; init; }

    /// <summary>"none", "auto", "required", or a function's name in an object.</summary>
    public JsonElement? ToolChoice { get; init; }

    /// <summary>False shows the first call of an answer alone; true when missing.</summary>
    public bool? ParallelToolCalls { get; init; }

    /// <summary>For the template, as its variable reasoning_effort.</summary>
    public JsonElement? ReasoningEffort { get; init; }

    /// <summary>For the template, as its variable verbosity.</summary>
    public JsonElement? Verbosity { get; init; }

    /// <summary>vLLM's: false leaves the thoughts out of the answer; true when missing.</summary>
    public bool? IncludeReasoning { get; init; }

    /// <summary>vLLM's: ends the prompt where the assistant's answer begins; true when missing.</summary>
    public bool? AddGenerationPrompt { get; init; }

    /// <summary>vLLM's: the answer goes on with the last message, whose end is left out of the prompt.</summary>
    public bool? ContinueFinalMessage { get; init; }

    /// <summary>vLLM's: more variables for the template, such as "enable_thinking".</summary>
    public Dictionary<string, JsonElement>? ChatTemplateKwargs { get; init; }
}
