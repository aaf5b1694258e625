namespace Splitwiser.Models.Sampling;

/// <summary>A token and the natural logarithm of its probability under the model's own logits, before any sampling parameter.</summary>
public readonly record struct TokenLogprob(int TokenId, float Logprob);
