using System.Collections.Immutable;
using Splitwiser.Chat;
using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Http;

/// <summary>The events of a streamed /v1/chat/completions answer: each choice's role, then its parts as they come, then its finish reason.</summary>
internal sealed class ChatStream(ChatPlan plan, AnswerHead head, TokenSpelling spelling, bool withIds) : IAnswerStream
{
    private readonly ChatRequest request = plan.Asked;
    private readonly ImmutableArray<int> stopTokenIds = [.. plan.Asked.StopTokenIds ?? []];
    private readonly ChatAnswer[] answers = [.. Enumerable.Range(0, plan.Answers).Select(_ => new ChatAnswer(plan))]; // (answers)
    private readonly UsageCount usage = new(plan.Answers, plan.Answers);

    public void Write(SseWriter events, ChoiceChunk piece)
    {
        var (index, chunk) = piece;
        var answer = answers[index];
        usage.Add(piece);
        if (chunk.Start is { } start)
            Write(events, new ChatChunkChoice { Index = index, Delta = new() { Role = "assistant", Content = "" } }, withIds ? start.PromptIds : null);
        var parts = answer.Read(chunk);
        foreach (var part in parts.Length > 1 ? parts[..^1] : [])
            Write(events, new ChatChunkChoice { Index = index, Delta = Delta(part, answer) });
        var last = new ChatChunkChoice
        {
            Index = index,
            Delta = parts.IsEmpty ? new() { Content = answer.CallCount == 0 ? "" : null } : Delta(parts[^1], answer),
            Logprobs = request.Logprobs == true && !chunk.Ids.IsEmpty ? new([.. chunk.Logprobs.Select(spelling.Of)]) : null,
            FinishReason = answer.FinishReason(chunk.End),
            StopReason = Endings.StopReason(chunk.End, stopTokenIds),
            TokenIds = withIds ? chunk.Ids : null,
        };
        if (!parts.IsEmpty || last is not { Logprobs: null, FinishReason: null, TokenIds: null })
            Write(events, last);
    }

    public void End(SseWriter events)
    {
        if (request.StreamOptions?.IncludeUsage == true)
            events.Write(Chunk([], usage.Sum()), WireJson.Default.ChatChunk);
    }

    private static ChatDelta Delta(AnswerPart part, ChatAnswer answer) => part.Kind switch
    {
        AnswerPartKind.Said => new() { Content = part.Text },
        AnswerPartKind.Thought => new() { ReasoningContent = part.Text },
        AnswerPartKind.CallName => new() { ToolCalls = [new() { Index = part.Call, Id = answer.NewCallId(), Type = "function", Function = new(part.Text, "") }] },
        _ => new() { ToolCalls = [new() { Index = part.Call, Function = new(null, part.Text) }] },
    };

    private void Write(SseWriter events, ChatChunkChoice choice, ImmutableArray<int>? promptIds = null) =>
        events.Write(Chunk([choice], request.EachUsage ? usage.Sum() : null) with { PromptTokenIds = promptIds }, WireJson.Default.ChatChunk);

    private ChatChunk Chunk(ImmutableArray<ChatChunkChoice> choices, Usage? counted) =>
        new() { Id = head.Id, Created = head.Created, Model = head.Model, Choices = choices, Usage = counted };
}
