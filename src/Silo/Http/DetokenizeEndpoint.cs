using Splitwiser.Grains;
using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Http;

/// <summary>POST /detokenize: the text of ids, special tokens included, as vLLM gives it.</summary>
internal sealed class DetokenizeEndpoint(ServedModel model) : IEndpoint
{
    public async Task Handle(HttpContext context)
    {
        var request = await RequestBody.Read(context, WireJson.Default.DetokenizeRequest);
        model.RequireName(request.Model);
        var ids = request.Tokens ?? throw ApiException.Invalid("tokens: a list of token ids is needed.", "tokens");
        var tokenizer = model.RequireTokenizer("tokens");
        foreach (var id in ids)
        {
            if (id < 0 || id >= model.Config.VocabularySize)
                throw ApiException.Invalid($"tokens: {id} is outside of the vocabulary of {model.Config.VocabularySize}.", "tokens");
        }

        await JsonOut.Write(context, new DetokenizeResponse(tokenizer.Decode(ids, skipSpecialTokens: false)), WireJson.Default.DetokenizeResponse);
    }
}
