using Splitwiser.Models;

namespace Splitwiser.Gpu.Phases;

/// <summary>
/// What prompt positions cost beside each other: the products are the same for each, attention grows with the positions before it. Counted in
/// positions of a prompt's beginning, so that a long prompt does not make a mechanism look slow.
/// </summary>
internal readonly record struct PromptWork
{
    private const double AttentionEfficiency = 0.6;     // of what the products reach

    private readonly double perKey;     // of a position's products

    public PromptWork(ModelConfig model)
    {
        var products = (double)model.HiddenSize * (2 * model.QuerySize + 2 * model.KvSize) + (model.GatedMlp ? 3.0 : 2.0) * model.HiddenSize * model.IntermediateSize;
        perKey = 2.0 * model.QuerySize / (products * AttentionEfficiency);
    }

    /// <summary>Of one position with so many before it.</summary>
    public double Of(int offset) => 1 + perKey * offset;

    public double Of(IReadOnlyList<PrefillSegment> segments)
    {
        var work = 0.0;
        for (var i = 0; i < segments.Count; i++) work += segments[i].Count * Of(segments[i].Offset + segments[i].Count / 2);
        return work;
    }
}
