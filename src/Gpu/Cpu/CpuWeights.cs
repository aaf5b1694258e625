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
        Layers = [.. weights.Layers.Select(Prepare)];
        FinalNorm = Widen(weights.FinalNorm);
        Head = Prepare(new Linear(weights.Head, null));
    }

    /// <summary>Owns what the matrices point into.</summary>
    public DecoderWeights Source { get; }

    /// <summary>Row t is token t's.</summary>
    public Matrix Embedding { get; }

    public ImmutableArray<CpuLayer> Layers { get; }
    public float* FinalNorm { get; }
    public Matrix Head { get; }

    private CpuLayer Prepare(LayerWeights layer) => new()
    {
        InputNorm = Widen(layer.InputNorm),
        Query = Prepare(layer.Query),
        Key = Prepare(layer.Key),
        Value = Prepare(layer.Value),
        QueryNorm = Widen(layer.QueryNorm),
        KeyNorm = Widen(layer.KeyNorm),
        Output = Prepare(layer.Output),
        PostAttentionNorm = Widen(layer.PostAttentionNorm),
        Gate = Prepare(layer.Gate),
        Up = Prepare(layer.Up),
        Down = Prepare(layer.Down),
    };

    private Matrix Prepare(Linear linear)
    {
        var weight = linear.Weight;
        var bias = Widen(linear.Bias);
        return weight.Type == ElementType.F16
            ? new Matrix((byte*)Widen(weight), ElementType.F32, weight.Shape[0], weight.Shape[1], bias)
            : new Matrix(weight.Data, weight.Type, weight.Shape[0], weight.Shape[1], bias);
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
    public required float* InputNorm { get; init; }
    public required Matrix Query { get; init; }
    public required Matrix Key { get; init; }
    public required Matrix Value { get; init; }

    /// <summary>Null for none.</summary>
    public required float* QueryNorm { get; init; }

    /// <summary>Null for none.</summary>
    public required float* KeyNorm { get; init; }

    public required Matrix Output { get; init; }
    public required float* PostAttentionNorm { get; init; }
    public required Matrix Gate { get; init; }
    public required Matrix Up { get; init; }
    public required Matrix Down { get; init; }
}
