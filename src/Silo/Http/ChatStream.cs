using System.Collections.Immutable;
using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Http;

/// <summary>The events of a streamed /v1/chat/completions answer: first the role, then the text, the finish reason with its last piece.</summary>
internal sealed class ChatStream(ChatRequest request, AnswerHead head, int answers, TokenSpelling spelling, bool withIds) : IAnswerStream
{
    private readonly ImmutableArray<int> stopTokenIds = [.. request.StopTokenIds ?? []];
    private readonly UsageCount usage = new(answers, answers);

    public void Write(SseWriter events, ChoiceChunk piece)
    {
        var (index, chunk) = piece;
        usage.Add(piece);
        if (chunk.Start is { } start)
        {
            Write(events, new ChatChunkChoice { Index = index, Delta = new() { Role = "assistant", Content = "" } }, withIds ? start.PromptIds : null);
        }

        Write(events, new ChatChunkChoice
        {
            Index = index,
            Delta = new() { Content = chunk.Text },
            Logprobs = request.Logprobs == true && !chunk.Ids.IsEmpty ? new([.. chunk.Logprobs.Select(spelling.Of)]) : null,
            FinishReason = Endings.FinishReason(chunk.End),
            StopReason = Endings.StopReason(chunk.End, stopTokenIds),
            TokenIds = withIds ? chunk.Ids : null,
        });
    }

    public void End(SseWriter events)
    {
        if (request.StreamOptions?.IncludeUsage == true)
            events.Write(Chunk([], usage.Sum()), WireJson.Default.ChatChunk);
    }

    private void Write(SseWriter events, ChatChunkChoice choice, ImmutableArray<int>? promptIds = null) =>
        events.Write(Chunk([choice], request.EachUsage ? usage.Sum() : null) with { PromptTokenIds = promptIds }, WireJson.Default.ChatChunk);

    private ChatChunk Chunk(ImmutableArray<ChatChunkChoice> choices, Usage? counted) =>
        new() { Id = head.Id, Created = head.Created, Model = head.Model, Choices = choices, Usage = counted };
}
