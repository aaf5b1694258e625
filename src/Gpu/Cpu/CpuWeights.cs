using System.Collections.Immutable;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cpu;

/// <summary>The weights as the kernels read them: matrices in place (f16 ones widened here once), norms and biases as singles.</summary>
internal sealed unsafe class CpuWeights
{
    private readonly NativeArena arena;
    private readonly Dictionary<Tensor, nint> widened = [];     // a tied head is the embedding, too

    /// <param name="arena">Takes the norms, the biases and what must be widened.</param>
    public CpuWeights(DecoderWeights weights, NativeArena arena)
    {
        this.arena = arena;
        Source = weights;
        Embedding = Prepare(new Linear(weights.Embedding, null));
        InputProjection = Prepare(weights.InputProjection);
        Positions = Widen(weights.Positions);
        Layers = [.. weights.Layers.Select(Prepare)];
        FinalNorm = Prepare(weights.FinalNorm);
        OutputProjection = Prepare(weights.OutputProjection);
        Head = Prepare(new Linear(weights.Head, null));
    }

    /// <summary>Owns what the matrices point into.</summary>
    public DecoderWeights Source { get; }

    /// <summary>Row t is token t's.</summary>
    public Matrix Embedding { get; }

    public Matrix? InputProjection { get; }

    /// <summary>(PositionRows, hidden) or null.</summary>
    public float* Positions { get; }

    public ImmutableArray<CpuLayer> Layers { get; }
    public CpuNorm? FinalNorm { get; }
    public Matrix? OutputProjection { get; }
    public Matrix Head { get; }

    private CpuLayer Prepare(LayerWeights layer) => new()
    {
        AttentionNorm = Prepare(layer.AttentionNorm),
        Query = Prepare(layer.Query),
        Key = Prepare(layer.Key),
        Value = Prepare(layer.Value),
        QueryNorm = Widen(layer.QueryNorm),
        KeyNorm = Widen(layer.KeyNorm),
        Output = Prepare(layer.Output),
        AttentionOutputNorm = Prepare(layer.AttentionOutputNorm),
        MlpNorm = Prepare(layer.MlpNorm),
        Gate = Prepare(layer.Gate),
        Up = Prepare(layer.Up),
        Down = Prepare(layer.Down),
        MlpOutputNorm = Prepare(layer.MlpOutputNorm),
    };

    private Matrix? Prepare(Linear? linear) => linear is { } given ? Prepare(given) : null;

    private Matrix Prepare(Linear linear)
    {
        var weight = linear.Weight;
        var bias = Widen(linear.Bias);
        return weight.Type == ElementType.F16
            ? new Matrix((byte*)Widen(weight), ElementType.F32, weight.Shape[0], weight.Shape[1], bias)
            : new Matrix(weight.Data, weight.Type, weight.Shape[0], weight.Shape[1], bias);
    }

    private CpuNorm? Prepare(Norm? norm) => norm is { } given ? Prepare(given) : null;

    /// <summary>With the config's offset added, and ones for a norm without weights.</summary>
    private CpuNorm Prepare(Norm norm)
    {
        var config = Source.Config;
        var weight = arena.Floats(config.HiddenSize);
        var values = new Span<float>(weight, config.HiddenSize);
        if (norm.Weight is { } tensor) tensor.CopyTo(values);
        else values.Fill(1);
        if (config.NormOffset != 0)
            foreach (ref var value in values) value += config.NormOffset;
        return new CpuNorm(weight, Widen(norm.Bias));
    }

    private float* Widen(Tensor? tensor)
    {
        if (tensor is null) return null;
        if (widened.TryGetValue(tensor, out var known)) return (float*)known;
        var copy = arena.Floats(tensor.ElementCount);
        const int piece = 1 << 20;
        for (var start = 0L; start < tensor.ElementCount; start += piece)
            tensor.CopyTo(new Span<float>(copy + start, (int)Math.Min(piece, tensor.ElementCount - start)), start);
        widened[tensor] = (nint)copy;
        return copy;
    }
}

/// <summary>One layer of them; shapes as in <see cref="LayerWeights"/>.</summary>
internal sealed unsafe class CpuLayer
{
    public required CpuNorm AttentionNorm { get; init; }
    public required Matrix Query { get; init; }
    public required Matrix Key { get; init; }
    public required Matrix Value { get; init; }

    /// <summary>Null for none.</summary>
    public required float* QueryNorm { get; init; }

    /// <summary>Null for none.</summary>
    public required float* KeyNorm { get; init; }

    public required Matrix Output { get; init; }

    /// <summary>Null for none.</summary>
    public required CpuNorm? AttentionOutputNorm { get; init; }

    public required CpuNorm MlpNorm { get; init; }

    /// <summary>Null where nothing gates.</summary>
    public required Matrix? Gate { get; init; }
    public required Matrix Up { get; init; }
    public required Matrix Down { get; init; }

    /// <summary>Null for none.</summary>
    public required CpuNorm? MlpOutputNorm { get; init; }
}

/// <summary>A norm of the hidden size; no bias where it is null.</summary>
internal readonly unsafe struct CpuNorm(float* weight, float* bias)
{
    public float* Weight => weight;
    public float* Bias => bias;
}
