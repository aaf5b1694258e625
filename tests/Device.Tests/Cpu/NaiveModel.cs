using Splitwiser.Models;

namespace Splitwiser.Device.Tests.Cpu;

/// <summary>A decoder as its formulas are written down, in doubles, every position computed anew for every call: what variants of a family are compared with.</summary>
internal sealed class NaiveModel(DecoderWeights weights)
{
    private readonly ModelConfig config = weights.Config;

    /// <summary>The logits after the last token.</summary>
    public float[] Logits(ReadOnlySpan<int> tokens)
    {
        var (embedding, positions) = (Read(weights.Embedding), weights.Positions is { } learned ? Read(learned) : []);
        var x = new double[tokens.Length][];
        for (var t = 0; t < x.Length; t++)
        {
            var (token, place) = (tokens[t], t + config.PositionOffset);
            x[t] = [.. Enumerable.Range(0, config.EmbeddingSize).Select(i => embedding[token * config.EmbeddingSize + i] * config.EmbeddingScale)];
            if (weights.InputProjection is { } projection) x[t] = Multiply(projection, x[t]);
            if (weights.Positions is not null) x[t] = [.. x[t].Select((value, i) => value + positions[place * config.HiddenSize + i])];
        }
        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            var of = weights.Layers[layer];
            x = Block(x, of.AttentionNorm, of.AttentionOutputNorm, inputs => Attention(inputs, of, layer));
            x = Block(x, of.MlpNorm, of.MlpOutputNorm, inputs => [.. inputs.Select(input => Mlp(input, of))]);
        }
        var last = weights.FinalNorm is { } final ? Normalize(x[^1], final) : x[^1];
        if (weights.OutputProjection is { } narrow) last = Multiply(narrow, last);
        var logits = Multiply(new Linear(weights.Head, null), last);
        return [.. logits.Select(logit => (float)(config.LogitSoftcap is { } cap ? cap * Math.Tanh(logit / cap) : logit))];
    }

    private double[][] Block(double[][] x, Norm norm, Norm? outputNorm, Func<double[][], double[][]> block)
    {
        var after = config.NormPlacement == NormPlacement.After;
        var given = block(after ? x : [.. x.Select(row => Normalize(row, norm))]);
        if (outputNorm is { } output) given = [.. given.Select(row => Normalize(row, output))];
        var sums = x.Zip(given, (a, b) => a.Zip(b, (p, q) => p + q).ToArray()).ToArray();
        return after ? [.. sums.Select(row => Normalize(row, norm))] : sums;
    }

    private double[] Normalize(double[] x, Norm norm)
    {
        var mean = config.NormKind == NormKind.Layer ? x.Average() : 0;
        var deviation = Math.Sqrt(x.Average(value => (value - mean) * (value - mean)) + config.NormEpsilon);
        var (weight, bias) = (norm.Weight is { } w ? Read(w) : null, norm.Bias is { } b ? Read(b) : null);
        return [.. x.Select((value, i) => (value - mean) / deviation * ((weight?[i] ?? 1) + config.NormOffset) + (bias?[i] ?? 0))];
    }

    private double[][] Attention(double[][] x, LayerWeights layer, int index)
    {
        var (size, group) = (config.HeadSize, config.HeadCount / config.KvHeadCount);
        var queries = x.Select((row, t) => Turn(NormalizeHeads(Multiply(layer.Query, row), layer.QueryNorm), t, x.Length)).ToArray();
        var keys = x.Select((row, t) => Turn(NormalizeHeads(Multiply(layer.Key, row), layer.KeyNorm), t, x.Length)).ToArray();
        var values = x.Select(row => Multiply(layer.Value, row)).ToArray();
        return [.. x.Select((_, t) =>
        {
            var first = Math.Max(0, t - (config.WindowOf(index) ?? int.MaxValue) + 1);
            var attended = new double[config.QuerySize];
            for (var head = 0; head < config.HeadCount; head++)
            {
                var (q, kv) = (head * size, head / group * size);
                var scores = Enumerable.Range(first, t + 1 - first).Select(j =>
                {
                    var score = Enumerable.Range(0, size).Sum(i => queries[t][q + i] * keys[j][kv + i]) * config.AttentionScaleOf(index);
                    return Math.Exp(config.AttentionSoftcap is { } cap ? cap * Math.Tanh(score / cap) : score);
                }).ToArray();
                for (var j = 0; j < scores.Length; j++)
                    for (var i = 0; i < size; i++) attended[q + i] += scores[j] / scores.Sum() * values[first + j][kv + i];
            }
            return Multiply(layer.Output, attended);
        })];
    }

    private double[] NormalizeHeads(double[] heads, Tensor? weight) =>
        weight is null ? heads : [.. heads.Chunk(config.HeadSize).SelectMany(head => Normalize(head, new Norm(weight)))];

    /// <summary>Heads side by side, each turned for its position in a sequence of so many tokens.</summary>
    private double[] Turn(double[] heads, int position, int length)
    {
        if (config.Rope is not { } rope) return heads;
        var frequencies = rope.InverseFrequencies(config.HeadSize, rope.IsExtended(length));
        var half = frequencies.Length;
        var turned = heads.ToArray();
        for (var head = 0; head < heads.Length; head += config.HeadSize)
            for (var i = 0; i < half; i++)
            {
                var (a, b, angle) = (heads[head + i], heads[head + half + i], (double)frequencies[i] * position);
                turned[head + i] = (a * Math.Cos(angle) - b * Math.Sin(angle)) * rope.Magnitude;
                turned[head + half + i] = (b * Math.Cos(angle) + a * Math.Sin(angle)) * rope.Magnitude;
            }
        return turned;
    }

    private double[] Mlp(double[] x, LayerWeights layer)
    {
        var up = Multiply(layer.Up, x);
        var bent = layer.Gate is { } gate ? Multiply(gate, x).Zip(up, (g, u) => Bend(g) * u) : up.Select(Bend);
        return Multiply(layer.Down, [.. bent]);
    }

    private double Bend(double x) => config.Activation switch
    {
        Activation.Silu => x / (1 + Math.Exp(-x)),
        Activation.GeluTanh => x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))) / 2,
        Activation.Gelu => x * OpTests.Normal(x),
        _ => Math.Max(x, 0),
    };

    private static double[] Multiply(Linear linear, double[] x)
    {
        var (weight, bias) = (Read(linear.Weight), linear.Bias is { } b ? Read(b) : null);
        return [.. Enumerable.Range(0, linear.Weight.Shape[0]).Select(output => Enumerable.Range(0, x.Length).Sum(i => weight[output * x.Length + i] * x[i]) + (bias?[output] ?? 0))];
    }

    private static double[] Read(Tensor tensor)
    {
        var values = new float[tensor.ElementCount];
        tensor.CopyTo(values);
        return [.. values.Select(value => (double)value)];
    }
}
