using System.Collections.Immutable;
using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Http;

/// <summary>The events of a streamed /v1/completions answer.</summary>
internal sealed class CompletionStream(CompletionPlan plan, AnswerHead head, TokenSpelling spelling) : IAnswerStream
{
    private readonly CompletionRequest request = plan.Asked;
    private readonly ImmutableArray<int> stopTokenIds = [.. plan.Asked.StopTokenIds ?? []];
    private readonly bool withIds = spelling.WithIds(plan.Asked);
    private readonly UsageCount usage = new(plan.Prompts.Length * plan.Run, plan.Run);
    private readonly int[] textOffsets = new int[plan.Prompts.Length * plan.Run]; // (choices) where the next token's text begins

    public void Write(SseWriter events, ChoiceChunk piece)
    {
        var (index, chunk) = piece;
        usage.Add(piece);
        var prompt = plan.Echo && chunk.Start is { } start ? plan.PromptText(index / plan.Run, start.PromptIds, spelling.Tokenizer!) : "";
        textOffsets[index] += prompt.Length;
        Write(events, request.EachUsage ? usage.Sum() : null, new CompletionChoice
        {
            Index = index,
            Text = prompt + chunk.Text,
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
        var echoes = plan.Echo && chunk.Start is not null;
        if (request.Logprobs is null || (chunk.Ids.IsEmpty && !echoes))
            return null;
        var lists = CompletionLogprobs.Empty();
        if (echoes)
            spelling.AppendPrompt(lists, chunk.Start!, request.Logprobs.Value, plan.Prompts[0].SkipSpecialTokens);
        spelling.Append(lists, chunk.Logprobs, ref textOffset);
        return lists;
    }
}
