using System.Collections.Immutable;
using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Http;

/// <summary>The events of a streamed /v1/completions answer.</summary>
internal sealed class CompletionStream(CompletionRequest request, AnswerHead head, int choices, TokenSpelling spelling, bool withIds) : IAnswerStream
{
    private readonly ImmutableArray<int> stopTokenIds = [.. request.StopTokenIds ?? []];
    private readonly bool eachUsage = request.StreamOptions is { IncludeUsage: true, ContinuousUsageStats: true };
    private readonly UsageCount usage = new(choices);
    private readonly int[] textOffsets = new int[choices]; // (choices) where the next token's text begins

    public void Write(SseWriter events, ChoiceChunk piece)
    {
        var (index, chunk) = piece;
        usage.Add(piece);
        Write(events, eachUsage ? usage.Sum() : null, new CompletionChoice
        {
            Index = index,
            Text = chunk.Text,
            Logprobs = Logprobs(chunk, ref textOffsets[index]),
            FinishReason = Endings.FinishReason(chunk.End),
            StopReason = Endings.StopReason(chunk.End, stopTokenIds),
            PromptTokenIds = withIds ? chunk.Start?.PromptIds : null,
            TokenIds = withIds ? chunk.Ids : null,
        });
    }

    public void End(SseWriter events)
    {
        if (request.StreamOptions?.IncludeUsage == true)
            Write(events, usage.Sum());
    }

    private void Write(SseWriter events, Usage? counted, params ImmutableArray<CompletionChoice> pieces) =>
        events.Write(
            new CompletionResponse { Id = head.Id, Created = head.Created, Model = head.Model, Choices = pieces, Usage = counted },
            WireJson.Default.CompletionResponse);

    private CompletionLogprobs? Logprobs(TokenChunk chunk, ref int textOffset)
    {
        if (request.Logprobs is null || chunk.Ids.IsEmpty)
            return null;
        var lists = CompletionLogprobs.Empty();
        spelling.Append(lists, chunk.Logprobs, ref textOffset);
        return lists;
    }
}
