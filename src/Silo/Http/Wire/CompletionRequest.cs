namespace Splitwiser.Silo.Http.Wire;

/// <summary>The body of POST /v1/completions.</summary>
internal sealed record CompletionRequest : GenerationFields
{
    public PromptInput? Prompt { get; init; }

    /// <summary>Most likely tokens to report per position; null for no logprobs.</summary>
    public int? Logprobs { get; init; }

    /// <summary>The prompt stands before each answer.</summary>
    public bool? Echo { get; init; }

    /// <summary>Answers that are run of each prompt, of which the n most likely are given; n when missing.</summary>
    public int? BestOf { get; init; }

    /// <summary>Text that the answer would have to lead to.</summary>
    public string? Suffix { get; init; }
}
