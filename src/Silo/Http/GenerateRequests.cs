using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Http;

/// <summary>Makes the actors' requests from the API's fields. Ranges are checked by the request grain, which knows the model.</summary>
internal static class GenerateRequests
{
    public static GenerateRequest Of(GenerationFields fields, Prompt prompt, bool addSpecialTokens, int? maxTokens, int? topLogprobs) => new()
    {
        Model = fields.Model,
        Text = prompt.Text,
        TokenIds = prompt.Ids,
        AddSpecialTokens = addSpecialTokens,
        SkipSpecialTokens = fields.SkipSpecialTokens ?? true,
        TruncatePrompt = fields.TruncatePromptTokens,
        CacheSalt = fields.CacheSalt,
        Priority = fields.Priority ?? 0,
        Constraint = RequestedFormat.Of(fields),
        PromptLogprobs = fields.PromptLogprobs,
        TraceParent = Activity.Current?.Id,
        Sampling = new()
        {
            Temperature = fields.Temperature,
            TopK = fields.TopK,
            TopP = fields.TopP,
            MinP = fields.MinP,
            RepetitionPenalty = fields.RepetitionPenalty,
            PresencePenalty = fields.PresencePenalty,
            FrequencyPenalty = fields.FrequencyPenalty,
            Seed = fields.Seed,
            TopLogprobs = topLogprobs,
            LogitBias = Biases(fields.LogitBias),
            AllowedTokenIds = fields.AllowedTokenIds is not [] ? [.. fields.AllowedTokenIds ?? []] : throw ApiException.Invalid("allowed_token_ids: with none allowed there is no answer.", "allowed_token_ids"),
            BadWords = fields.BadWords?.Contains(null) == true ? throw ApiException.Invalid("bad_words: expected a list of texts.", "bad_words") : [.. fields.BadWords ?? []],
        },
        Stop = new()
        {
            MaxTokens = maxTokens,
            MinTokens = fields.MinTokens ?? 0,
            Strings = fields.Stop?.Values ?? [],
            TokenIds = [.. fields.StopTokenIds ?? []],
            IgnoreEos = fields.IgnoreEos ?? false,
            IncludeStopString = fields.IncludeStopStrInOutput ?? false,
        },
    };

    private static ImmutableArray<TokenBias> Biases(Dictionary<string, float>? biases) =>
        biases is null ? [] : [.. biases.Select(bias => new TokenBias(TokenId(bias.Key), bias.Value))];

    private static int TokenId(string key) => int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
        ? id
        : throw ApiException.Invalid($"logit_bias: expected token ids as names, found '{key}'.", "logit_bias");
}
