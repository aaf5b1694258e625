using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Splitwiser.Silo.Http.Wire;

/// <summary>The answer of /v1/completions, and each of its stream's chunks.</summary>
internal sealed record CompletionResponse
{
    public required string Id { get; init; }
    public string Object => "text_completion";
    public required long Created { get; init; }
    public required string Model { get; init; }
    public required ImmutableArray<CompletionChoice> Choices { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Usage? Usage { get; init; }
}

internal sealed record CompletionChoice
{
    public required int Index { get; init; }
    public required string Text { get; init; }
    public CompletionLogprobs? Logprobs { get; init; }
    public string? FinishReason { get; init; }

    /// <summary>vLLM's: the stop string or the stop token's id; null after EOS or max_tokens.</summary>
    public StopReason? StopReason { get; init; }

    /// <summary>With return_token_ids; in a stream on the choice's first chunk.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<int>? PromptTokenIds { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<int>? TokenIds { get; init; }

    /// <summary>vLLM's, when asked for: by token id, of each of the prompt's positions.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public List<Dictionary<string, PromptTokenLogprob>?>? PromptLogprobs { get; init; }
}

/// <summary>Four lists, one entry a token. An echoed prompt's first token has no logprobs: nothing stands before it.</summary>
internal sealed record CompletionLogprobs
{
    /// <summary>Where each token's text begins in the choice's text, in UTF-16 units.</summary>
    public required List<int> TextOffset { get; init; }
    public required List<float?> TokenLogprobs { get; init; }
    public required List<string> Tokens { get; init; }
    public required List<Dictionary<string, float>?> TopLogprobs { get; init; }

    public static CompletionLogprobs Empty() => new() { TextOffset = [], TokenLogprobs = [], Tokens = [], TopLogprobs = [] };
}
