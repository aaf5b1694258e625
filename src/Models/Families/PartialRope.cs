namespace Splitwiser.Models.Families;

/// <summary>What only Phi-3's rotary embedding has: a share of the head that turns, and LongRoPE.</summary>
/// <param name="originalMaxPositions">original_max_position_embeddings when the config has none.</param>
internal sealed class PartialRope(int headSize, int originalMaxPositions)
{
    private const string PartialFactor = "partial_rotary_factor";

    public double Share(JsonFields rope, JsonFields config)
    {
        var fields = rope.Has(PartialFactor) ? rope : config;
        var share = fields.FindNumber(PartialFactor, 0, 1) ?? 1;
        return (int)(headSize * share) is >= 2 and var size && size % 2 == 0
            ? share
            : throw fields.Wrong(PartialFactor, $"a share that makes an even part of a head of {headSize}", $"{share}");
    }

    /// <summary>As transformers' _compute_longrope_parameters.</summary>
    public RopeScaling.Long Long(JsonFields rope, JsonFields config, int maxPositions, double share)
    {
        var pairs = (int)(headSize * share) / 2;
        var original = config.FindInt(RopeFields.OriginalMaxPositions, 1, int.MaxValue) ?? originalMaxPositions;
        var factor = rope.FindNumber("factor", 1e-3, 1e6) ?? (double)maxPositions / original;
        var attention = rope.FindNumber("attention_factor", 1e-3, 1e3) ?? (factor <= 1 ? 1 : Math.Sqrt(1 + Math.Log(factor) / Math.Log(original)));
        if (!double.IsFinite(attention))
            throw config.Wrong(RopeFields.OriginalMaxPositions, "more than 1", $"{original}");
        return new RopeScaling.Long(
            rope.Singles("short_factor", pairs, 1e-3, 1e6), rope.Singles("long_factor", pairs, 1e-3, 1e6), (float)attention, original);
    }
}
