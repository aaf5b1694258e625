namespace Splitwiser.Silo.Http.Wire;

/// <summary>Token counts of a request, summed over its prompts.</summary>
internal sealed record Usage
{
    public required int PromptTokens { get; init; }
    public required int CompletionTokens { get; init; }
    public int TotalTokens => PromptTokens + CompletionTokens;
    public required PromptTokensDetails PromptTokensDetails { get; init; }

    public static Usage Of(TokenUsage usage) => new()
    {
        PromptTokens = usage.Prompt,
        CompletionTokens = usage.Completion,
        PromptTokensDetails = new(usage.Cached),
    };
}

/// <param name="CachedTokens">Prompt tokens whose pages were in the prefix cache.</param>
internal sealed record PromptTokensDetails(int CachedTokens);
