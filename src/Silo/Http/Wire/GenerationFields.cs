using System.Text.Json;
using System.Text.Json.Serialization;

namespace Splitwiser.Silo.Http.Wire;

/// <summary>What both completion APIs take: OpenAI's fields and vLLM's further ones. A null is as good as a missing field.</summary>
internal abstract record GenerationFields
{
    /// <summary>Most answers to one prompt; OpenAI's.</summary>
    public const int MaxAnswers = 128;

    public string? Model { get; init; }

    /// <summary>Answers to each prompt; one when missing.</summary>
    public int? N { get; init; }
    public bool? Stream { get; init; }
    public StreamOptions? StreamOptions { get; init; }
    public int? MaxTokens { get; init; }
    public float? Temperature { get; init; }
    public float? TopP { get; init; }
    public float? PresencePenalty { get; init; }
    public float? FrequencyPenalty { get; init; }
    public long? Seed { get; init; }
    public OneOrManyStrings? Stop { get; init; }

    /// <summary>Token id (as a string) to the addend of its logit.</summary>
    public Dictionary<string, float>? LogitBias { get; init; }

    // vLLM's
    public int? TopK { get; init; }
    public float? MinP { get; init; }
    public float? RepetitionPenalty { get; init; }
    public int[]? StopTokenIds { get; init; }
    public int? MinTokens { get; init; }

    /// <summary>The only tokens that the answer may have; at least one.</summary>
    public int[]? AllowedTokenIds { get; init; }

    /// <summary>What the answer must not have, however it stands in it.</summary>
    public string[]? BadWords { get; init; }

    /// <summary>Most likely tokens to report of each of the prompt's positions; null for none.</summary>
    public int? PromptLogprobs { get; init; }

    public bool? IgnoreEos { get; init; }
    public bool? IncludeStopStrInOutput { get; init; }
    public bool? SkipSpecialTokens { get; init; }
    public bool? AddSpecialTokens { get; init; }
    public bool? ReturnTokenIds { get; init; }
    public bool? ReturnTokensAsTokenIds { get; init; }
    public string? CacheSalt { get; init; }

    /// <summary>The prompt's last tokens, so many of them, are the prompt; -1 for what the context holds beside the answer.</summary>
    public int? TruncatePromptTokens { get; init; }

    /// <summary>The second half of the answer's id, instead of a drawn one.</summary>
    public string? RequestId { get; init; }

    // What the answer must look like: one of these at most.
    public ResponseFormat? ResponseFormat { get; init; }
    public StructuredOutputs? StructuredOutputs { get; init; }
    public JsonElement? GuidedJson { get; init; }
    public string? GuidedRegex { get; init; }
    public string[]? GuidedChoice { get; init; }
    public string? GuidedGrammar { get; init; }

    /// <summary>llama.cpp's.</summary>
    public JsonElement? JsonSchema { get; init; }

    /// <summary>llama.cpp's.</summary>
    public string? Grammar { get; init; }

    /// <summary>The lowest waits least.</summary>
    public int? Priority { get; init; }

    /// <summary>Every field that isn't named here, for <see cref="UnservedFields"/>.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }

    /// <summary>Every event of a stream carries the usage so far.</summary>
    [JsonIgnore]
    public bool EachUsage => StreamOptions is { IncludeUsage: true, ContinuousUsageStats: true };

    /// <exception cref="ApiException">400: stream options without a stream, or what no stream gives.</exception>
    public void CheckStreamOptions()
    {
        if (StreamOptions is not null && Stream != true)
            throw ApiException.Invalid("stream_options: only with stream set to true.", "stream_options");
        if (PromptLogprobs is not null && Stream == true)
            throw ApiException.Invalid("prompt_logprobs: only without a stream.", "prompt_logprobs");
    }

    /// <summary>Answers to each prompt.</summary>
    /// <exception cref="ApiException">400: n is out of range.</exception>
    public int Answers() => N is null or (>= 1 and <= MaxAnswers) ? N ?? 1 : throw ApiException.Invalid($"n must be from 1 to {MaxAnswers}; it is {N}.", "n");
}

internal sealed record StreamOptions
{
    /// <summary>One more chunk at the end, without choices, that carries the usage.</summary>
    public bool? IncludeUsage { get; init; }

    /// <summary>vLLM's: the usage so far on every chunk.</summary>
    public bool? ContinuousUsageStats { get; init; }
}
