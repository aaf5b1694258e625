using Splitwiser.Grains;
using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Http;

/// <summary>POST /tokenize: the ids of a prompt, or of the prompt that the chat template makes of messages.</summary>
internal sealed class TokenizeEndpoint(ServedModel model, ChatPrompts prompts) : IEndpoint
{
    public async Task Handle(HttpContext context)
    {
        var request = await RequestBody.Read(context, WireJson.Default.TokenizeRequest);
        model.RequireName(request.Model);
        if ((request.Prompt is null) == (request.Messages is null))
            throw ApiException.Invalid("prompt: exactly one of prompt and messages is needed.", "prompt");
        var tokenizer = model.RequireTokenizer("prompt");
        var ids = request.Prompt is { } prompt
            ? tokenizer.Encode(prompt, request.AddSpecialTokens ?? true, context.RequestAborted)
            : tokenizer.Encode(ChatText(request), request.AddSpecialTokens ?? false, context.RequestAborted);
        var spellings = request.ReturnTokenStrs == true ? ids.Select(id => tokenizer.TokenText(id) ?? "") : null;
        await JsonOut.Write(
            context,
            new TokenizeResponse(ids.Length, model.MaxModelLength, ids, spellings is null ? null : [.. spellings]),
            WireJson.Default.TokenizeResponse);
    }

    private string ChatText(TokenizeRequest request) =>
        prompts.Of(request.Messages, ChatTools.Of(new() { Tools = request.Tools }), ChatEndings.Of(request.AddGenerationPrompt, request.ContinueFinalMessage), request.ChatTemplateKwargs).Text;
}
