namespace Splitwiser.Models.Families;

/// <summary>
/// Rotary embedding in config.json, in both spellings: rope_theta and rope_scaling, or rope_parameters with both. Where a file
/// has both, rope_scaling counts, and a rope_theta inside the object before the one beside it, as in transformers.
/// </summary>
internal static class RopeFields
{
    public const string OriginalMaxPositions = "original_max_position_embeddings";

    public static RopeConfig Read(JsonFields config, int maxPositions, int headSize) => Read(config, maxPositions, headSize, null);

    /// <summary>As <see cref="Read(JsonFields, int, int)"/>, where only a part of a head may turn and LongRoPE may scale (Phi-3).</summary>
    public static RopeConfig Read(JsonFields config, int maxPositions, int headSize, PartialRope? partial)
    {
        if (partial is null)
            RefusePartial(config);
        var scaling = config.FindObject("rope_scaling") is { IsEmpty: false } old ? old : config.FindObject("rope_parameters");
        if (scaling is not { } rope)
            return new RopeConfig(Theta(config) ?? 10000, RotaryShare: partial?.Share(config, config) ?? 1);
        if (partial is null)
            RefusePartial(rope);
        foreach (var layerType in new[] { "full_attention", "sliding_attention" })
        {
            if (rope.Has(layerType))
                throw rope.Wrong(layerType, "one rope for all layers", "one for this layer type");
        }
        var type = rope.FindText("rope_type") ?? rope.FindText("type") ?? "default";
        var share = partial?.Share(rope, config) ?? 1;
        var theta = Theta(rope) ?? Theta(config) ?? 10000;
        return new RopeConfig(theta, type switch
        {
            "longrope" or "su" or "yarn" when partial is not null => partial.Long(rope, config, maxPositions, share),
            "default" => null,
            "dynamic" when partial is null => Dynamic(rope),
            "yarn" => YarnFields.Read(rope, config.FindInt(OriginalMaxPositions, 1, int.MaxValue), theta, headSize, maxPositions),
            "linear" => new RopeScaling.Linear(Factor(rope)),
            "llama3" => Llama3(rope, config.FindInt(OriginalMaxPositions, 1, int.MaxValue), maxPositions),
            _ => throw rope.Wrong("rope_type", partial is null ? "default, linear, dynamic, yarn or llama3" : "default, longrope, linear or llama3", type),
        }, share);
    }

    // The bounds keep singles and their quotients finite; real models lie far inside.
    private static double? Theta(JsonFields fields) => fields.FindNumber("rope_theta", 1, 1e30);

    private static double Factor(JsonFields rope) => rope.Number("factor", 1e-3, 1e6);

    // It scales beyond max_position_embeddings alone, and there a context ends.
    private static RopeScaling? Dynamic(JsonFields rope)
    {
        Factor(rope);
        return null;
    }

    private static RopeScaling.Llama3 Llama3(JsonFields rope, int? original, int maxPositions)
    {
        var low = rope.Number("low_freq_factor", 1e-3, 1e6);
        var high = rope.Number("high_freq_factor", 1e-3, 1e6);
        if ((float)high <= (float)low)
            throw rope.Wrong("high_freq_factor", $"more than low_freq_factor, {low}", $"{high}");
        return new RopeScaling.Llama3(Factor(rope), low, high, original ?? rope.FindInt(OriginalMaxPositions, 1, int.MaxValue) ?? maxPositions);
    }

    private static void RefusePartial(JsonFields fields)
    {
        if (fields.FindNumber("partial_rotary_factor", 0, 1) is { } share and not 1)
            throw fields.Wrong("partial_rotary_factor", "1", $"{share}");
    }
}
