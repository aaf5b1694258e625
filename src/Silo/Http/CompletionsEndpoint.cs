using System.Collections.Immutable;
using Splitwiser.Grains;
using Splitwiser.Silo.Http.Wire;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Http;

/// <summary>POST /v1/completions: prompts in, texts that go on from them out; one choice a prompt.</summary>
internal sealed class CompletionsEndpoint(ServedModel model, Choices choices, StreamedAnswer streamed, SplitwiserOptions options, TimeProvider time) : IEndpoint
{
    private const int DefaultMaxTokens = 16; // OpenAI's, and vLLM's

    public async Task Handle(HttpContext context)
    {
        var request = await RequestBody.Read(context, WireJson.Default.CompletionRequest);
        UnservedFields.Refuse(request.Others);
        if (request.Logprobs is < 0 or > Admission.MaxTopLogprobs)
            throw ApiException.Invalid($"logprobs must be from 0 to {Admission.MaxTopLogprobs}; it is {request.Logprobs}.", "logprobs");
        var requests = Requests(request);
        var chunks = choices.Run(requests, context.RequestAborted);
        var head = AnswerHead.New("cmpl", model.Name, time);
        var spelling = new TokenSpelling(model.Tokenizer, request.ReturnTokensAsTokenIds ?? false);
        var withIds = request.ReturnTokenIds ?? model.Tokenizer is null;
        if (request.Stream == true)
        {
            await streamed.Send(context, chunks, new CompletionStream(request, head, requests.Length, spelling, withIds));
            return;
        }

        var answer = new CompletionCollector(request, head, requests.Length, spelling, withIds);
        await foreach (var chunk in chunks)
            answer.Add(chunk);
        await JsonOut.Write(context, answer.Response(), WireJson.Default.CompletionResponse);
    }

    private ImmutableArray<GenerateRequest> Requests(CompletionRequest request)
    {
        var prompts = request.Prompt?.Prompts ?? throw ApiException.Invalid("prompt: a prompt is needed.", "prompt");
        if (prompts.IsEmpty)
            throw ApiException.Invalid("prompt: the list is empty.", "prompt");
        if (prompts.Length > options.QueueLimit)
            throw ApiException.Invalid($"prompt: the list has {prompts.Length} prompts, more than may wait here ({options.QueueLimit}).", "prompt");
        return [.. prompts.Select(prompt => GenerateRequests.Of(
            request, prompt, request.AddSpecialTokens ?? true, request.MaxTokens ?? DefaultMaxTokens, request.Logprobs))];
    }
}
