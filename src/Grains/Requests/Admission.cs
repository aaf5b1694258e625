using System.Collections.Immutable;

namespace Splitwiser.Grains;

/// <summary>Turns a request into a plan, or refuses it by the field at fault. Ranges are vLLM's; limits on counts are ours.</summary>
internal static class Admission
{
    public const int MaxStopStrings = 64;
    public const int MaxStopStringLength = 1024;
    public const int MaxTopLogprobs = 20;
    private const int QuickLength = 1 << 14; // characters that are tokenized within a few milliseconds

    /// <summary>
    /// Admits a request for a grain. What may take long is done beside its turn: megabytes of text take seconds, and who asks
    /// meanwhile whether the grain lives must get an answer.
    /// </summary>
    /// <inheritdoc cref="Admit"/>
    public static ValueTask<RequestPlan> AdmitForGrain(GenerateRequest request, ServedModel model, CancellationToken cancellationToken) =>
        TakesLong(request) ? new(Task.Run(() => Admit(request, model, cancellationToken), cancellationToken)) : new(Admit(request, model, cancellationToken));

    /// <exception cref="RequestRefusedException">A field is missing, malformed or out of range, or it all doesn't fit the context.</exception>
    public static RequestPlan Admit(GenerateRequest request, ServedModel model, CancellationToken cancellationToken = default)
    {
        if (request.Model is { } name && name != model.Name)
            throw new RequestRefusedException(RefusalReason.UnknownModel, $"The model '{name}' is not served here; '{model.Name}' is.", "model");
        var vocabulary = model.Config.VocabularySize;
        var sampling = SamplingRules.Resolve(request.Sampling, model.Defaults, vocabulary);
        Require(request.PromptLogprobs is null or (>= 0 and <= MaxTopLogprobs), "prompt_logprobs", $"prompt_logprobs must be from 0 to {MaxTopLogprobs}; it is {request.PromptLogprobs}.");
        var stop = request.Stop;
        CheckStops(stop, model);
        FormatRules.Check(request, model);
        var prompt = Prompt(request, model, cancellationToken);
        var maxTokens = MaxTokens(prompt.Length, stop.MaxTokens, model.MaxModelLength);
        Require(stop.MinTokens >= 0 && stop.MinTokens <= maxTokens, "min_tokens", $"min_tokens must be from 0 to max_tokens, here {maxTokens}; it is {stop.MinTokens}.");
        var delivered = request.Delivered.IsDefault ? [] : request.Delivered;
        RequireIds(delivered, vocabulary, "delivered");
        Require(delivered.Length <= maxTokens, "delivered", $"{delivered.Length} tokens were delivered already, more than max_tokens, {maxTokens}.");
        Require(delivered.IsEmpty || sampling.Temperature == 0 || request.Sampling.Seed is not null, "seed", "A resumed stream needs its seed, unless it is greedy.");
        return new()
        {
            Model = model.Name,
            PromptIds = prompt,
            Sampling = sampling,
            MaxTokens = maxTokens,
            MinTokens = stop.MinTokens,
            EndTokenIds = [.. (stop.IgnoreEos ? [] : model.Defaults.EosTokenIds).Union(OrEmpty(stop.TokenIds))],
            StopStrings = OrEmpty(stop.Strings),
            IncludeStopString = stop.IncludeStopString,
            SkipSpecialTokens = request.SkipSpecialTokens,
            Constraint = request.Constraint,
            BadWords = BadWords.Of(sampling.BadWords, model),
            CacheSalt = request.CacheSalt,
            Priority = request.Priority,
            Call = request.Call,
            Beside = request.Beside,
            PromptLogprobs = request.PromptLogprobs,
            Delivered = delivered,
        };
    }

    public static void Require(bool holds, string parameter, string message)
    {
        if (!holds) throw new RequestRefusedException(RefusalReason.InvalidRequest, message, parameter);
    }

    public static ImmutableArray<T> OrEmpty<T>(ImmutableArray<T> items) => items.IsDefault ? [] : items;

    private static bool TakesLong(GenerateRequest request) =>
        request.Text?.Length > QuickLength || request.Constraint is not null || !request.Sampling.BadWords.IsDefaultOrEmpty;

    private static ImmutableArray<int> Prompt(GenerateRequest request, ServedModel model, CancellationToken cancellationToken)
    {
        var ids = OrEmpty(request.TokenIds);
        Require(request.Text is null || ids.IsEmpty, "prompt", "The prompt is text or token ids, not both.");
        Require(request.Text is null || model.Tokenizer is not null, "prompt", $"{model.Name} has no tokenizer: its prompts are token ids.");
        if (request.Text is { } text)
            ids = [.. model.Tokenizer!.Encode(text, request.AddSpecialTokens, cancellationToken)];
        Require(!ids.IsEmpty, "prompt", "The prompt is empty.");
        RequireIds(ids, model.Config.VocabularySize, "prompt");
        return Truncated(ids, request, model.MaxModelLength);
    }

    /// <summary>The prompt's end, where no more of it is wanted.</summary>
    private static ImmutableArray<int> Truncated(ImmutableArray<int> ids, GenerateRequest request, int context)
    {
        if (request.TruncatePrompt is not { } asked) return ids;
        Require(asked == -1 || (asked >= 1 && asked <= context), "truncate_prompt_tokens", $"truncate_prompt_tokens must be -1, or from 1 to the context's {context}; it is {asked}.");
        var most = asked == -1 ? Math.Max(1, context - (request.Stop.MaxTokens ?? 1)) : asked;
        return ids.Length > most ? [.. ids.AsSpan()[^most..]] : ids;
    }

    private static int MaxTokens(int prompt, int? asked, int context)
    {
        Require(asked is null or >= 1, "max_tokens", $"max_tokens must be at least 1; it is {asked}.");
        var room = context - prompt;
        if (room < 1)
            throw new RequestRefusedException(RefusalReason.ContextOverflow, $"The prompt has {prompt} tokens; the context holds {context}, output included.", "prompt");
        if (asked > room)
            throw new RequestRefusedException(RefusalReason.ContextOverflow, $"The prompt has {prompt} tokens and max_tokens is {asked}: together more than the context of {context}.", "max_tokens");
        return asked ?? room;
    }

    private static void CheckStops(StopOptions stop, ServedModel model)
    {
        var strings = OrEmpty(stop.Strings);
        Require(strings.IsEmpty || model.Tokenizer is not null, "stop", $"{model.Name} has no tokenizer: stop strings need one.");
        Require(strings.Length <= MaxStopStrings, "stop", $"There are {strings.Length} stop strings; at most {MaxStopStrings} are taken.");
        foreach (var text in strings)
        {
            Require(!string.IsNullOrEmpty(text), "stop", "A stop string is empty.");
            Require(text.Length <= MaxStopStringLength, "stop", $"A stop string has {text.Length} characters; at most {MaxStopStringLength} are taken.");
            Require(IsWellFormed(text), "stop", "A stop string has half of a surrogate pair.");
        }

        RequireIds(OrEmpty(stop.TokenIds), model.Config.VocabularySize, "stop_token_ids");
    }

    private static void RequireIds(ImmutableArray<int> ids, int vocabulary, string parameter)
    {
        foreach (var id in ids)
            if ((uint)id >= (uint)vocabulary) // no text is made for the others: prompts are long
                throw new RequestRefusedException(RefusalReason.InvalidRequest, $"The token id {id} is outside of the vocabulary of {vocabulary}.", parameter);
    }

    public static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[++i])) return false;
        }

        return true;
    }
}
