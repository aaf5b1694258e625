using System.Text.Json;
using Splitwiser.Chat;
using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Http;

/// <summary>What a /v1/chat/completions request asks to run and to show.</summary>
internal sealed record ChatPlan
{
    public required ChatRequest Asked { get; init; }
    public required GenerateRequest Prompt { get; init; }
    public required int Answers { get; init; }

    /// <summary>How the answers are to be read.</summary>
    public required AnswerFormat Format { get; init; }

    /// <summary>More than one call in an answer is shown.</summary>
    public required bool ParallelCalls { get; init; }

    /// <summary>The request named the function, so a call is no news: OpenAI ends such an answer with "stop".</summary>
    public required bool CallsByName { get; init; }

    public bool ShowsThoughts => Asked.IncludeReasoning ?? true;

    /// <exception cref="ApiException">400 that names the field at fault.</exception>
    public static ChatPlan Of(ChatRequest asked, ChatPrompts prompts)
    {
        if (asked.TopLogprobs is not null && asked.Logprobs != true)
            throw ApiException.Invalid("top_logprobs: needs logprobs to be true.", "top_logprobs");
        var tools = ChatTools.Of(asked);
        var (text, format) = prompts.Of(asked.Messages, tools, ChatEndings.Of(asked.AddGenerationPrompt, asked.ContinueFinalMessage), Variables(asked));
        var prompt = GenerateRequests.Of(
            asked,
            new(text, default),
            asked.AddSpecialTokens ?? false, // the template writes them
            asked.MaxCompletionTokens ?? asked.MaxTokens,
            asked.Logprobs == true ? asked.TopLogprobs ?? 0 : null);
        return new()
        {
            Asked = asked,
            Prompt = prompt with
            {
                SkipSpecialTokens = asked.SkipSpecialTokens ?? !format.CallsWithSpecialTokens,
                Constraint = ForcedCalls.BehindThoughts(format, Forced(tools, format, prompt.Constraint)),
            },
            Answers = asked.Answers(),
            Format = format,
            ParallelCalls = tools.Parallel,
            CallsByName = tools.Choice == ToolChoice.Named,
        };
    }

    /// <summary>The format of an answer that must call; else the one that the request asks for.</summary>
    private static OutputConstraint? Forced(ChatTools tools, AnswerFormat format, OutputConstraint? asked)
    {
        if (tools.Choice == ToolChoice.Auto)
            return asked;
        return asked is null
            ? ForcedCalls.Of(format, tools.Functions(), tools.Parallel)
            : throw ApiException.Invalid($"tool_choice: an answer can't be a call and have the format of {asked.Field} at once.", "tool_choice");
    }

    private static Dictionary<string, JsonElement>? Variables(ChatRequest asked)
    {
        if (asked is { ReasoningEffort: null, Verbosity: null })
            return asked.ChatTemplateKwargs;
        var variables = new Dictionary<string, JsonElement>(asked.ChatTemplateKwargs ?? []);
        if (asked.ReasoningEffort is { } effort)
            variables["reasoning_effort"] = effort;
        if (asked.Verbosity is { } verbosity)
            variables["verbosity"] = verbosity;
        return variables;
    }
}
