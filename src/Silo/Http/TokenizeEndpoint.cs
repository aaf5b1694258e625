using Splitwiser.Grains;
using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Http;

/// <summary>POST /tokenize: the ids of a prompt, or of the prompt that the chat template makes of messages.</summary>
internal sealed class TokenizeEndpoint(ServedModel model) : IEndpoint
{
    public async Task Handle(HttpContext context)
    {
        var request = await RequestBody.Read(context, WireJson.Default.TokenizeRequest);
        model.RequireName(request.Model);
        var prompt = request.Prompt ?? throw ApiException.Invalid("prompt: a prompt is needed.", "prompt");
        var tokenizer = model.RequireTokenizer("prompt");
        var ids = tokenizer.Encode(prompt, request.AddSpecialTokens ?? true);
        var spellings = request.ReturnTokenStrs == true ? ids.Select(id => tokenizer.TokenText(id) ?? "") : null;
        await JsonOut.Write(
            context,
            new TokenizeResponse(ids.Length, model.MaxModelLength, ids, spellings is null ? null : [.. spellings]),
            WireJson.Default.TokenizeResponse);
    }
}
