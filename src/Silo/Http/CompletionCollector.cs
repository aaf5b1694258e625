using System.Collections.Immutable;
using System.Text;
using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Http;

/// <summary>Collects a whole /v1/completions answer.</summary>
internal sealed class CompletionCollector(CompletionPlan plan, AnswerHead head, TokenSpelling spelling)
{
    private readonly CompletionRequest request = plan.Asked;
    private readonly UsageCount usage = new(plan.Prompts.Length * plan.Run, plan.Run);
    private readonly Choice[] collected = [.. Enumerable.Range(0, plan.Prompts.Length * plan.Run).Select(_ => new Choice())]; // (prompts, run)

    public void Add(ChoiceChunk piece)
    {
        usage.Add(piece);
        var (index, chunk) = piece;
        var choice = collected[index];
        if (chunk.Start is { } start)
            Begin(choice, index, start);
        choice.Text.Append(chunk.Text);
        choice.Ids.AddRange(chunk.Ids);
        choice.End = chunk.End ?? choice.End;
        choice.LogprobSum += chunk.Logprobs.Sum(position => (double)position.Sampled.Logprob);
        if (request.Logprobs is not null)
            spelling.Append(choice.Logprobs, chunk.Logprobs, ref choice.TextOffset);
    }

    public CompletionResponse Response() => new()
    {
        Id = head.Id,
        Created = head.Created,
        Model = head.Model,
        Choices = [.. collected.Chunk(plan.Run).SelectMany(Best).Select(Written)],
        Usage = usage.Sum(),
    };

    private void Begin(Choice choice, int index, GenerationStart start)
    {
        choice.PromptIds = start.PromptIds;
        if (plan.Echo)
            choice.Text.Append(plan.PromptText(index / plan.Run, start.PromptIds, spelling.Tokenizer!));
        if (plan.Echo && request.Logprobs is not null)
            spelling.AppendPrompt(choice.Logprobs, start, request.Logprobs.Value, plan.Prompts[0].SkipSpecialTokens);
        if (request.PromptLogprobs is { } most)
            choice.Prompt = spelling.Prompt(start, most);
        choice.TextOffset = choice.Text.Length;
    }

    /// <summary>Those that are shown of one prompt's answers: by OpenAI's measure, the highest logprob per token.</summary>
    private IEnumerable<Choice> Best(Choice[] answers) =>
        plan.Run == plan.Shown ? answers : answers.OrderByDescending(answer => answer.LogprobSum / Math.Max(1, answer.Ids.Count)).Take(plan.Shown);

    private CompletionChoice Written(Choice choice, int index) => new()
    {
        Index = index,
        Text = choice.Text.ToString(),
        Logprobs = request.Logprobs is null ? null : choice.Logprobs,
        FinishReason = Endings.FinishReason(choice.End),
        StopReason = Endings.StopReason(choice.End, [.. request.StopTokenIds ?? []]),
        PromptTokenIds = spelling.WithIds(request) ? choice.PromptIds : null,
        TokenIds = spelling.WithIds(request) ? [.. choice.Ids] : null,
        PromptLogprobs = choice.Prompt,
    };

    private sealed class Choice
    {
        public readonly StringBuilder Text = new();
        public readonly List<int> Ids = [];
        public readonly CompletionLogprobs Logprobs = CompletionLogprobs.Empty();
        public ImmutableArray<int> PromptIds = [];
        public List<Dictionary<string, PromptTokenLogprob>?>? Prompt;
        public GenerationEnd? End;
        public double LogprobSum;
        public int TextOffset;
    }
}
