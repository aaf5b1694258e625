namespace Splitwiser.Models.Families;

/// <summary>YaRN's fields, as transformers' _compute_yarn_parameters reads them.</summary>
internal static class YarnFields
{
    public static RopeScaling.Yarn Read(JsonFields rope, int? original, double theta, int rotarySize, int maxPositions)
    {
        var context = rope.FindInt(RopeFields.OriginalMaxPositions, 1, int.MaxValue) ?? original ?? maxPositions;
        var factor = rope.FindNumber("factor", 1e-3, 1e6) ?? (double)maxPositions / context;
        var attention = rope.FindNumber("attention_factor", 1e-3, 1e3) ?? Attention(rope, factor);
        var (low, high) = (PairThatTurns("beta_fast", 32), PairThatTurns("beta_slow", 1));
        if (rope.Flag("truncate", true))
            (low, high) = (Math.Floor(low), Math.Ceiling(high));
        (low, high) = (Math.Max(low, 0), Math.Min(high, rotarySize - 1));
        return new RopeScaling.Yarn(factor, low, high == low ? high + 0.001 : high, (float)attention, context);

        double PairThatTurns(string name, double ifAbsent)
        {
            var times = rope.FindNumber(name, 1e-3, 1e6) ?? ifAbsent;
            var pair = rotarySize * Math.Log(context / (times * 2 * Math.PI)) / (2 * Math.Log(theta));
            return double.IsFinite(pair) ? pair : throw rope.Wrong("rope_theta", "more than 1", $"{theta}");
        }
    }

    private static double Attention(JsonFields rope, double factor) =>
        rope.FindNumber("mscale", 0, 1e3) is > 0 and var scale && rope.FindNumber("mscale_all_dim", 0, 1e3) is > 0 and var all
            ? Magnitude(factor, scale) / Magnitude(factor, all)
            : Magnitude(factor, 1);

    private static double Magnitude(double factor, double scale) => factor <= 1 ? 1 : 0.1 * scale * Math.Log(factor) + 1;
}
