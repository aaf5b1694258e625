using System.Collections.Immutable;
using System.Text;
using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Http;

/// <summary>Collects a whole /v1/completions answer.</summary>
internal sealed class CompletionCollector(CompletionRequest request, AnswerHead head, int choices, TokenSpelling spelling, bool withIds)
{
    private readonly UsageCount usage = new(choices);
    private readonly Choice[] collected = [.. Enumerable.Range(0, choices).Select(_ => new Choice())]; // (choices)

    public void Add(ChoiceChunk piece)
    {
        usage.Add(piece);
        var choice = collected[piece.Choice];
        choice.Text.Append(piece.Chunk.Text);
        choice.Ids.AddRange(piece.Chunk.Ids);
        choice.PromptIds = piece.Chunk.Start?.PromptIds ?? choice.PromptIds;
        choice.End = piece.Chunk.End ?? choice.End;
        if (request.Logprobs is not null)
            spelling.Append(choice.Logprobs, piece.Chunk.Logprobs, ref choice.TextOffset);
    }

    public CompletionResponse Response() => new()
    {
        Id = head.Id,
        Created = head.Created,
        Model = head.Model,
        Choices = [.. collected.Select(Written)],
        Usage = usage.Sum(),
    };

    private CompletionChoice Written(Choice choice, int index) => new()
    {
        Index = index,
        Text = choice.Text.ToString(),
        Logprobs = request.Logprobs is null ? null : choice.Logprobs,
        FinishReason = Endings.FinishReason(choice.End),
        StopReason = Endings.StopReason(choice.End, [.. request.StopTokenIds ?? []]),
        PromptTokenIds = withIds ? choice.PromptIds : null,
        TokenIds = withIds ? [.. choice.Ids] : null,
    };

    private sealed class Choice
    {
        public readonly StringBuilder Text = new();
        public readonly List<int> Ids = [];
        public readonly CompletionLogprobs Logprobs = CompletionLogprobs.Empty();
        public ImmutableArray<int> PromptIds = [];
        public GenerationEnd? End;
        public int TextOffset;
    }
}
