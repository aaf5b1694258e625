using Splitwiser.Grains;
using Splitwiser.Models.Tokenization;

namespace Splitwiser.Silo.Http;

/// <summary>What the endpoints without a request grain check themselves.</summary>
internal static class ServedModelChecks
{
    /// <exception cref="ApiException">404: another model was asked for by name.</exception>
    public static void RequireName(this ServedModel model, string? asked)
    {
        if (asked is not null && asked != model.Name)
            throw ApiException.UnknownModel(asked);
    }

    /// <exception cref="ApiException">400: the model has none.</exception>
    public static Tokenizer RequireTokenizer(this ServedModel model, string field) =>
        model.Tokenizer ?? throw ApiException.Invalid($"{model.Name} has no tokenizer: it serves token ids alone.", field);
}
