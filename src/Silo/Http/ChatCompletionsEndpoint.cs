using Splitwiser.Grains;
using Splitwiser.Silo.Http.Wire;
using Splitwiser.Silo.Safety;

namespace Splitwiser.Silo.Http;

/// <summary>POST /v1/chat/completions: the chat template makes one prompt of the messages.</summary>
internal sealed class ChatCompletionsEndpoint(ServedModel model, ChatPrompts prompts, Choices choices, StreamedAnswer streamed, TimeProvider time) : IEndpoint
{
    public async Task Handle(HttpContext context)
    {
        var request = (await RequestBody.Read(context, WireJson.Default.ChatRequest)).WithPriorityOf(context);
        UnservedFields.Refuse(request.Others);
        request.CheckStreamOptions();
        var plan = ChatPlan.Of(request, prompts);
        var chunks = choices.Run([plan.Prompt], plan.Answers, context.RequestAborted);
        var head = AnswerHead.New("chatcmpl", request.RequestId, model.Name, time);
        var spelling = new TokenSpelling(model.Tokenizer, request.ReturnTokensAsTokenIds ?? false);
        var withIds = request.ReturnTokenIds ?? false;
        if (request.Stream == true)
        {
            await streamed.Send(context, chunks, new ChatStream(plan, head, spelling, withIds));
            return;
        }

        var answer = new ChatCollector(plan, head, spelling, withIds);
        await foreach (var chunk in chunks)
            answer.Add(chunk);
        await JsonOut.Write(context, answer.Response(), WireJson.Default.ChatResponse);
    }
}
