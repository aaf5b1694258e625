using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Splitwiser.Silo.Http.Wire;

/// <summary>The answer of /v1/chat/completions.</summary>
internal sealed record ChatResponse
{
    public required string Id { get; init; }
    public string Object => "chat.completion";
    public required long Created { get; init; }
    public required string Model { get; init; }
    public required ImmutableArray<ChatChoice> Choices { get; init; }
    public required Usage Usage { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<int>? PromptTokenIds { get; init; }

    /// <summary>vLLM's, when asked for: by token id, of each of the prompt's positions.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public List<Dictionary<string, PromptTokenLogprob>?>? PromptLogprobs { get; init; }
}

internal sealed record ChatChoice
{
    public required int Index { get; init; }
    public required ChatMessageOutput Message { get; init; }
    public ChatLogprobs? Logprobs { get; init; }
    public string? FinishReason { get; init; }
    public StopReason? StopReason { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<int>? TokenIds { get; init; }
}

internal sealed record ChatMessageOutput
{
    public string Role => "assistant";

    /// <summary>Null when the answer is calls alone.</summary>
    public string? Content { get; init; }

    /// <summary>OpenAI's: no answer is ever one here.</summary>
    public string? Refusal => null;

    /// <summary>Thoughts ahead of the answer.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ReasoningContent { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<ToolCallOutput>? ToolCalls { get; init; }
}

internal sealed record ChatLogprobs(List<ChatTokenLogprob> Content)
{
    /// <summary>OpenAI's: no answer is ever one here.</summary>
    public List<ChatTokenLogprob>? Refusal => null;
}

/// <param name="Bytes">The token's bytes: a token may be a part of a character.</param>
/// <param name="TopLogprobs">Most likely first; null inside itself.</param>
internal sealed record ChatTokenLogprob(
    string Token,
    float Logprob,
    ImmutableArray<int> Bytes,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] List<ChatTokenLogprob>? TopLogprobs);
