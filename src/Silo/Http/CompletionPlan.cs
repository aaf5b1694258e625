using System.Collections.Immutable;
using Splitwiser.Grains;
using Splitwiser.Models.Tokenization;
using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Http;

/// <summary>What a /v1/completions request asks to run and to show.</summary>
internal sealed record CompletionPlan
{
    private const int DefaultMaxTokens = 16; // OpenAI's, and vLLM's

    public required CompletionRequest Asked { get; init; }

    /// <summary>One a prompt.</summary>
    public required ImmutableArray<GenerateRequest> Prompts { get; init; }

    /// <summary>Answers shown of each prompt.</summary>
    public required int Shown { get; init; }

    /// <summary>Answers run of each prompt; the best are shown.</summary>
    public required int Run { get; init; }

    public bool Echo => Asked.Echo == true;

    /// <summary>The prompts are echoed and nothing is generated: a token must be, and isn't shown.</summary>
    public bool PromptsOnly => Echo && Asked.MaxTokens == 0;

    /// <exception cref="ApiException">400 that names the field at fault.</exception>
    public static CompletionPlan Of(CompletionRequest asked, ServedModel model, int mostAnswers)
    {
        if (asked.Logprobs is < 0 or > Admission.MaxTopLogprobs)
            throw ApiException.Invalid($"logprobs must be from 0 to {Admission.MaxTopLogprobs}; it is {asked.Logprobs}.", "logprobs");
        if (!string.IsNullOrEmpty(asked.Suffix))
            throw ApiException.Invalid($"suffix: {model.Name} writes what follows a prompt; it was not trained to fill in before a suffix.", "suffix", "unsupported_parameter");
        var shown = asked.Answers();
        var run = asked.BestOf ?? shown;
        if (run < shown || run > GenerationFields.MaxAnswers)
            throw ApiException.Invalid($"best_of must be from n, here {shown}, to {GenerationFields.MaxAnswers}; it is {run}.", "best_of");
        if (run > shown && asked.Stream == true)
            throw ApiException.Invalid("best_of: the best are known at the end, so they can't be streamed.", "best_of");
        if (asked.Echo == true && model.Tokenizer is null)
            throw ApiException.Invalid($"echo: {model.Name} has no tokenizer to spell a prompt with.", "echo");
        return new() { Asked = asked, Prompts = PromptsOf(asked, run, mostAnswers), Shown = shown, Run = run };
    }

    /// <summary>The prompt as it is echoed.</summary>
    public string PromptText(int prompt, ImmutableArray<int> ids, Tokenizer tokenizer) =>
        Prompts[prompt].Text ?? tokenizer.Decode([.. ids], Prompts[prompt].SkipSpecialTokens);

    private static ImmutableArray<GenerateRequest> PromptsOf(CompletionRequest asked, int run, int mostAnswers)
    {
        var prompts = asked.Prompt?.Prompts ?? throw ApiException.Invalid("prompt: a prompt is needed.", "prompt");
        if (prompts.IsEmpty)
            throw ApiException.Invalid("prompt: the list is empty.", "prompt");
        if ((long)prompts.Length * run > mostAnswers)
            throw ApiException.Invalid($"prompt: {prompts.Length} prompts with {run} answers each are more than may wait here ({mostAnswers}).", "prompt");
        var maxTokens = asked.Echo == true && asked.MaxTokens == 0 ? 1 : asked.MaxTokens ?? DefaultMaxTokens;
        var topLogprobs = run > (asked.N ?? 1) ? asked.Logprobs ?? 0 : asked.Logprobs; // the best are found by them
        return [.. prompts.Select(prompt => GenerateRequests.Of(asked, prompt, asked.AddSpecialTokens ?? true, maxTokens, topLogprobs)
            with { PromptLogprobs = asked is { Echo: true, Logprobs: { } echoed } ? Math.Max(echoed, asked.PromptLogprobs ?? 0) : asked.PromptLogprobs })];
    }
}
