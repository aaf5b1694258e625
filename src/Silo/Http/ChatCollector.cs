using System.Collections.Immutable;
using System.Text;
using Splitwiser.Chat;
using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Http;

/// <summary>Collects a whole /v1/chat/completions answer.</summary>
internal sealed class ChatCollector(ChatPlan plan, AnswerHead head, TokenSpelling spelling, bool withIds)
{
    private readonly ChatRequest request = plan.Asked;
    private readonly UsageCount usage = new(plan.Answers, plan.Answers);
    private readonly Choice[] collected = [.. Enumerable.Range(0, plan.Answers).Select(_ => new Choice(plan))]; // (answers)
    private ImmutableArray<int> promptIds = [];
    private List<Dictionary<string, PromptTokenLogprob>?>? prompt;

    public void Add(ChoiceChunk piece)
    {
        usage.Add(piece);
        var (index, chunk) = piece;
        var choice = collected[index];
        foreach (var part in choice.Answer.Read(chunk))
            choice.Add(part);
        choice.Ids.AddRange(chunk.Ids);
        choice.End = chunk.End ?? choice.End;
        promptIds = chunk.Start?.PromptIds ?? promptIds;
        if (chunk.Start is { } start && request.PromptLogprobs is { } most)
            prompt ??= spelling.Prompt(start, most);
        if (request.Logprobs == true)
            choice.Logprobs.AddRange(chunk.Logprobs.Select(spelling.Of));
    }

    public ChatResponse Response() => new()
    {
        Id = head.Id,
        Created = head.Created,
        Model = head.Model,
        Usage = usage.Sum(),
        PromptTokenIds = withIds ? promptIds : null,
        PromptLogprobs = prompt,
        Choices = [.. collected.Select(Written)],
    };

    private ChatChoice Written(Choice choice, int index) => new()
    {
        Index = index,
        Message = choice.Message(),
        Logprobs = request.Logprobs == true ? new(choice.Logprobs) : null,
        FinishReason = choice.Answer.FinishReason(choice.End),
        StopReason = Endings.StopReason(choice.End, [.. request.StopTokenIds ?? []]),
        TokenIds = withIds ? [.. choice.Ids] : null,
    };

    private sealed class Choice(ChatPlan plan)
    {
        public readonly ChatAnswer Answer = new(plan);
        public readonly List<int> Ids = [];
        public readonly List<ChatTokenLogprob> Logprobs = [];
        public GenerationEnd? End;
        private readonly StringBuilder said = new();
        private readonly StringBuilder thought = new();
        private readonly List<(string Id, string Name, StringBuilder Arguments)> calls = [];

        public void Add(AnswerPart part)
        {
            switch (part.Kind)
            {
                case AnswerPartKind.Said:
                    said.Append(part.Text);
                    break;
                case AnswerPartKind.Thought:
                    thought.Append(part.Text);
                    break;
                case AnswerPartKind.CallName:
                    calls.Add((Answer.NewCallId(), part.Text, new()));
                    break;
                default:
                    calls[part.Call].Arguments.Append(part.Text);
                    break;
            }
        }

        public ChatMessageOutput Message() => new()
        {
            Content = said.Length == 0 && calls.Count > 0 ? null : said.ToString(),
            ReasoningContent = thought.Length == 0 ? null : thought.ToString(),
            ToolCalls = calls.Count == 0 ? null : [.. calls.Select(call => new ToolCallOutput
            {
                Id = call.Id,
                Type = "function",
                Function = new(call.Name, call.Arguments.ToString()),
            })],
        };
    }
}
