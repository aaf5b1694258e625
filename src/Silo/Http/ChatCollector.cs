using System.Collections.Immutable;
using System.Text;
using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Http;

/// <summary>Collects a whole /v1/chat/completions answer.</summary>
internal sealed class ChatCollector(ChatRequest request, AnswerHead head, TokenSpelling spelling, bool withIds)
{
    private readonly UsageCount usage = new(1);
    private readonly StringBuilder text = new();
    private readonly List<int> ids = [];
    private readonly List<ChatTokenLogprob> logprobs = [];
    private ImmutableArray<int> promptIds = [];
    private GenerationEnd? end;

    public void Add(ChoiceChunk piece)
    {
        usage.Add(piece);
        var chunk = piece.Chunk;
        text.Append(chunk.Text);
        ids.AddRange(chunk.Ids);
        promptIds = chunk.Start?.PromptIds ?? promptIds;
        end = chunk.End ?? end;
        if (request.Logprobs == true)
            logprobs.AddRange(chunk.Logprobs.Select(spelling.Of));
    }

    public ChatResponse Response() => new()
    {
        Id = head.Id,
        Created = head.Created,
        Model = head.Model,
        Usage = usage.Sum(),
        PromptTokenIds = withIds ? promptIds : null,
        Choices =
        [
            new()
            {
                Index = 0,
                Message = new(text.ToString()),
                Logprobs = request.Logprobs == true ? new(logprobs) : null,
                FinishReason = Endings.FinishReason(end),
                StopReason = Endings.StopReason(end, [.. request.StopTokenIds ?? []]),
                TokenIds = withIds ? [.. ids] : null,
            },
        ],
    };
}
