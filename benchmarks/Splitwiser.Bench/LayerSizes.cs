using Splitwiser.Models;

namespace Splitwiser.Bench;

internal static class LayerSizes
{
    /// <summary>Weights of a layer's four products, of a model that gates.</summary>
    public static double WeightsOfLayer(this ModelConfig model) => model.HiddenSize * (2.0 * model.QuerySize + 2 * model.KvSize + 3.0 * model.IntermediateSize);
}
