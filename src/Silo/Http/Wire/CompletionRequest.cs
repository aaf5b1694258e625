namespace Splitwiser.Silo.Http.Wire;

/// <summary>The body of POST /v1/completions.</summary>
internal sealed record CompletionRequest : GenerationFields
{
    public PromptInput? Prompt { get; init; }

    /// <summary>Most likely tokens to report per position; null for no logprobs.</summary>
    public int? Logprobs { get; init; }
}
