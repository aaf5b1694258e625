using System.Collections.Immutable;

namespace Splitwiser.Silo.Http.Wire;

/// <summary>The answer of GET /v1/models.</summary>
internal sealed record ModelList(ImmutableArray<ModelCard> Data)
{
    public string Object => "list";
}

/// <param name="Root">Where the model was loaded from.</param>
/// <param name="MaxModelLen">Longest prompt and answer together, in tokens.</param>
internal sealed record ModelCard(string Id, long Created, string Root, int MaxModelLen)
{
    public string Object => "model";

    public string OwnedBy => "splitwiser";
}
