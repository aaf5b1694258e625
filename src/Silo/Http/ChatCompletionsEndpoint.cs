using Splitwiser.Grains;
using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Http;

/// <summary>POST /v1/chat/completions: the chat template makes one prompt of the messages.</summary>
internal sealed class ChatCompletionsEndpoint(ServedModel model, ChatPrompts prompts, Choices choices, StreamedAnswer streamed, TimeProvider time) : IEndpoint
{
    public async Task Handle(HttpContext context)
    {
        var request = await RequestBody.Read(context, WireJson.Default.ChatRequest);
        UnservedFields.Refuse(request.Others);
        if (request.TopLogprobs is not null && request.Logprobs != true)
            throw ApiException.Invalid("top_logprobs: needs logprobs to be true.", "top_logprobs");
        var prompt = prompts.Of(request.Messages, request.AddGenerationPrompt ?? true, request.ChatTemplateKwargs);
        var answers = request.Answers();
        var generate = GenerateRequests.Of(
            request,
            new(prompt, default),
            request.AddSpecialTokens ?? false, // the template writes them
            request.MaxCompletionTokens ?? request.MaxTokens,
            request.Logprobs == true ? request.TopLogprobs ?? 0 : null);
        var chunks = choices.Run([generate], answers, context.RequestAborted);
        var head = AnswerHead.New("chatcmpl", model.Name, time);
        var spelling = new TokenSpelling(model.Tokenizer, request.ReturnTokensAsTokenIds ?? false);
        var withIds = request.ReturnTokenIds ?? false;
        if (request.Stream == true)
        {
            await streamed.Send(context, chunks, new ChatStream(request, head, answers, spelling, withIds));
            return;
        }

        var answer = new ChatCollector(request, head, answers, spelling, withIds);
        await foreach (var chunk in chunks)
            answer.Add(chunk);
        await JsonOut.Write(context, answer.Response(), WireJson.Default.ChatResponse);
    }
}
