namespace Splitwiser.Client.Http;

/// <summary>One event of a streamed /v1/completions answer.</summary>
internal sealed record CompletionEvent
{
    public CompletionEventChoice[]? Choices { get; init; }
    public EventUsage? Usage { get; init; }
    public EventError? Error { get; init; }
}

internal sealed record CompletionEventChoice
{
    public string? Text { get; init; }
    public int[]? TokenIds { get; init; }
    public string? FinishReason { get; init; }
}

internal sealed record EventUsage
{
    public int PromptTokens { get; init; }
    public int CompletionTokens { get; init; }
    public EventCachedTokens? PromptTokensDetails { get; init; }
}

internal sealed record EventCachedTokens
{
    public int? CachedTokens { get; init; }
}

/// <summary>An error, as the body of a refusal or as an event in the middle of a stream.</summary>
internal sealed record EventError
{
    public string? Message { get; init; }
}
