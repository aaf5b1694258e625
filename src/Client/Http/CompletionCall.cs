using System.Text.Json.Nodes;

namespace Splitwiser.Client.Http;

/// <summary>The body of POST /v1/completions, as far as this client fills it. Nulls are left out.</summary>
internal sealed record CompletionCall
{
    /// <summary>Text, or an array of token ids.</summary>
    public required JsonNode Prompt { get; init; }
    public string? Model { get; init; }
    public int? MaxTokens { get; init; }
    public float? Temperature { get; init; }
    public float? TopP { get; init; }
    public long? Seed { get; init; }
    public string[]? Stop { get; init; }
    public bool? IgnoreEos { get; init; }
    public bool Stream => true;
    public bool ReturnTokenIds => true;
    public StreamUsage StreamOptions { get; } = new();
}

internal sealed record StreamUsage
{
    public bool IncludeUsage => true;
}
