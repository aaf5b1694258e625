using Splitwiser.Grains;
using Splitwiser.Silo.Hosting;
using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Http;

/// <summary>GET /v1/models and /v1/models/{name}: the one model of this silo.</summary>
internal sealed class ModelsEndpoint(ServedModel model, LoadedModel loaded, TimeProvider time) : IEndpoint
{
    private readonly ModelCard card = new(model.Name, time.GetUtcNow().ToUnixTimeSeconds(), loaded.Path, model.MaxModelLength);

    public Task Handle(HttpContext context) => JsonOut.Write(context, new ModelList([card]), WireJson.Default.ModelList);

    public Task HandleOne(HttpContext context) => context.Request.RouteValues["name"] as string == model.Name
        ? JsonOut.Write(context, card, WireJson.Default.ModelCard)
        : throw ApiException.UnknownModel(context.Request.RouteValues["name"] as string);
}
