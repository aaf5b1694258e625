using System.Collections.Immutable;
using System.Text;
using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Http;

/// <summary>Collects a whole /v1/chat/completions answer.</summary>
/// <param name="answers">Choices; all answer the same prompt.</param>
internal sealed class ChatCollector(ChatRequest request, AnswerHead head, int answers, TokenSpelling spelling, bool withIds)
{
    private readonly UsageCount usage = new(answers, answers);
    private readonly Choice[] collected = [.. Enumerable.Range(0, answers).Select(_ => new Choice())]; // (answers)
    private ImmutableArray<int> promptIds = [];

    public void Add(ChoiceChunk piece)
    {
        usage.Add(piece);
        var (index, chunk) = piece;
        var choice = collected[index];
        choice.Text.Append(chunk.Text);
        choice.Ids.AddRange(chunk.Ids);
        choice.End = chunk.End ?? choice.End;
        promptIds = chunk.Start?.PromptIds ?? promptIds;
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
        Choices = [.. collected.Select(Written)],
    };

    private ChatChoice Written(Choice choice, int index) => new()
    {
        Index = index,
        Message = new(choice.Text.ToString()),
        Logprobs = request.Logprobs == true ? new(choice.Logprobs) : null,
        FinishReason = Endings.FinishReason(choice.End),
        StopReason = Endings.StopReason(choice.End, [.. request.StopTokenIds ?? []]),
        TokenIds = withIds ? [.. choice.Ids] : null,
    };

    private sealed class Choice
    {
        public readonly StringBuilder Text = new();
        public readonly List<int> Ids = [];
        public readonly List<ChatTokenLogprob> Logprobs = [];
        public GenerationEnd? End;
    }
}
