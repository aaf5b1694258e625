using System.Collections.Immutable;
using Splitwiser.Grains;
using Splitwiser.Silo.Http.Wire;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Http;

/// <summary>POST /v1/embeddings: texts in, vectors of length 1 out, each made by a grain of its own.</summary>
internal sealed class EmbeddingsEndpoint(ServedModel model, IGrainFactory grains, SplitwiserOptions options) : IEndpoint
{
    /// <summary>Inputs of one request that are under way together; the others wait here and not in a device's queue.</summary>
    private const int AtOnce = 16;

    public async Task Handle(HttpContext context)
    {
        var request = await RequestBody.Read(context, WireJson.Default.EmbeddingsRequest);
        UnservedFields.Refuse(request.Others);
        var (inputs, asBase64) = Checked(request);
        var results = new EmbeddingResult[inputs.Length];
        Guid? call = inputs.Length > 1 ? Guid.NewGuid() : null;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, inputs.Length),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = context.RequestAborted },
            async (index, ct) => results[index] = await grains.GetGrain<IEmbeddingGrain>(Guid.NewGuid()).Embed(Asked(request, inputs[index]) with { Call = call }, ct));
        var data = results.Select((result, index) => new EmbeddingData(index, new(result.Vector, asBase64))).ToImmutableArray();
        await JsonOut.Write(context, new EmbeddingsResponse(data, model.Name, new(results.Sum(result => result.PromptTokens))), WireJson.Default.EmbeddingsResponse);
    }

    private static EmbeddingRequest Asked(EmbeddingsRequest request, Prompt input) => new()
    {
        Model = request.Model,
        Text = input.Text,
        TokenIds = input.Ids,
        AddSpecialTokens = request.AddSpecialTokens ?? true,
        Priority = request.Priority ?? 0,
        CacheSalt = request.CacheSalt,
        TruncatePrompt = request.TruncatePromptTokens,
    };

    private (ImmutableArray<Prompt> Inputs, bool AsBase64) Checked(EmbeddingsRequest request)
    {
        var inputs = request.Input?.Prompts ?? throw ApiException.Invalid("input: an input is needed.", "input");
        if (inputs.IsEmpty)
            throw ApiException.Invalid("input: the list is empty.", "input");
        if (inputs.Length > options.QueueLimit)
            throw ApiException.Invalid($"input: the list has {inputs.Length} inputs, more than may wait here ({options.QueueLimit}).", "input");
        if (request.Dimensions is { } size && size != model.Config.HiddenSize)
            throw ApiException.Invalid($"dimensions: {model.Name}'s vectors have {model.Config.HiddenSize} values and can't be cut; {size} was asked for.", "dimensions", "unsupported_parameter");
        return request.EncodingFormat switch
        {
            null or "float" => (inputs, false),
            "base64" => (inputs, true),
            var other => throw ApiException.Invalid($"encoding_format: expected \"float\" or \"base64\", found \"{other}\".", "encoding_format"),
        };
    }
}
