using Splitwiser.Models;
using static Splitwiser.Grains.Admission;

namespace Splitwiser.Grains;

/// <summary>Checks sampling options and fills in what was left open: the request's value, else the model's, else the neutral one.</summary>
internal static class SamplingRules
{
    public static SamplingOptions Resolve(SamplingOptions asked, GenerationDefaults defaults, int vocabulary)
    {
        RequireRange(asked.Temperature, 0, 2, "temperature");
        RequireRange(asked.TopP, float.Epsilon, 1, "top_p", "above 0");
        RequireRange(asked.MinP, 0, 1, "min_p");
        RequireRange(asked.RepetitionPenalty, float.Epsilon, 2, "repetition_penalty", "above 0");
        RequireRange(asked.PresencePenalty, -2, 2, "presence_penalty");
        RequireRange(asked.FrequencyPenalty, -2, 2, "frequency_penalty");
        Require(asked.TopK is null or >= -1, "top_k", $"top_k must be -1 or 0 for all tokens, or at least 1; it is {asked.TopK}.");
        Require(asked.TopLogprobs is null or >= 0 and <= MaxTopLogprobs, "top_logprobs", $"top_logprobs must be from 0 to {MaxTopLogprobs}; it is {asked.TopLogprobs}.");
        foreach (var (id, bias) in OrEmpty(asked.LogitBias))
        {
            Require(id >= 0 && id < vocabulary, "logit_bias", $"The token id {id} is outside of the vocabulary of {vocabulary}.");
            RequireRange(bias, -100, 100, "logit_bias");
        }

        foreach (var id in OrEmpty(asked.AllowedTokenIds)) Require(id >= 0 && id < vocabulary, "allowed_token_ids", $"The token id {id} is outside of the vocabulary of {vocabulary}.");

        return asked with
        {
            Temperature = asked.Temperature ?? defaults.Temperature ?? 1,
            TopK = Math.Max(0, asked.TopK ?? defaults.TopK ?? 0),
            TopP = asked.TopP ?? defaults.TopP ?? 1,
            MinP = asked.MinP ?? defaults.MinP ?? 0,
            RepetitionPenalty = asked.RepetitionPenalty ?? defaults.RepetitionPenalty ?? 1,
            PresencePenalty = asked.PresencePenalty ?? 0,
            FrequencyPenalty = asked.FrequencyPenalty ?? 0,
            Seed = asked.Seed ?? Random.Shared.NextInt64(),
            LogitBias = OrEmpty(asked.LogitBias),
            AllowedTokenIds = OrEmpty(asked.AllowedTokenIds),
        };
    }

    /// <summary>NaN is in no range.</summary>
    private static void RequireRange(float? value, float least, float most, string parameter, string? leastInWords = null)
    {
        if (value is null || (value >= least && value <= most)) return; // and no text is made
        throw new RequestRefusedException(RefusalReason.InvalidRequest,
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{parameter} must be {leastInWords ?? $"from {least}"} to {most}; it is {value}."), parameter);
    }
}
