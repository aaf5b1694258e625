namespace Splitwiser.Silo.Http.Wire;

/// <summary>vLLM's: one token of a position of prompt_logprobs.</summary>
/// <param name="Rank">1 for the most likely token there; null for a token of the prompt that is not among those that were asked for.</param>
internal sealed record PromptTokenLogprob(float Logprob, int? Rank, string DecodedToken);
