namespace Splitwiser.Grains;

/// <summary>A request whose stream is open, as its silo sees it. Nothing of what it says.</summary>
/// <param name="Id">Of its grain.</param>
/// <param name="Device">"silo/index" once it has its first token, as the two counts of prompt tokens; null before.</param>
public sealed record RunningRequest(Guid Id, TimeSpan Age, string? Device, int? PromptTokens, int? CachedTokens, int OutputTokens);
