using Splitwiser.Grains;
using Splitwiser.Silo.Http.Wire;
using Splitwiser.Silo.Options;
using Splitwiser.Silo.Safety;

namespace Splitwiser.Silo.Http;

/// <summary>POST /v1/completions: prompts in, texts that go on from them out.</summary>
internal sealed class CompletionsEndpoint(ServedModel model, Choices choices, StreamedAnswer streamed, SplitwiserOptions options, TimeProvider time) : IEndpoint
{
    public async Task Handle(HttpContext context)
    {
        var request = (await RequestBody.Read(context, WireJson.Default.CompletionRequest)).WithPriorityOf(context);
        UnservedFields.Refuse(request.Others);
        request.CheckStreamOptions();
        var plan = CompletionPlan.Of(request, model, options.QueueLimit);
        var chunks = choices.Run(plan.Prompts, plan.Run, context.RequestAborted);
        if (plan.PromptsOnly)
            chunks = chunks.Select(piece => piece with { Chunk = WithoutOutput(piece.Chunk) });
        var head = AnswerHead.New("cmpl", request.RequestId, model.Name, time);
        var spelling = new TokenSpelling(model.Tokenizer, request.ReturnTokensAsTokenIds ?? false);
        if (request.Stream == true)
        {
            await streamed.Send(context, chunks, new CompletionStream(plan, head, spelling));
            return;
        }

        var answer = new CompletionCollector(plan, head, spelling);
        await foreach (var chunk in chunks)
            answer.Add(chunk);
        await JsonOut.Write(context, answer.Response(), WireJson.Default.CompletionResponse);
    }

    private static TokenChunk WithoutOutput(TokenChunk chunk) => chunk with
    {
        Ids = [],
        Text = "",
        Logprobs = [],
        End = chunk.End is { } end ? new(FinishReason.Length, end.Usage with { Completion = 0 }, null, null, end.Timings) : null,
    };
}
