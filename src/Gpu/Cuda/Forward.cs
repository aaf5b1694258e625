using System.Runtime.CompilerServices;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Cuda;

/// <summary>Launches a step's kernels on a lane's stream, in order. It reads and writes fixed addresses only, so it can be captured.</summary>
internal sealed class Forward(ModelConfig model, DeviceWeights weights, KvPages pages, ulong turns, ModelKernels kernels, MatMul matMul, DecodeStep? whole, Arena arena, CudaStream stream)
{
    private readonly int slices = ScanParams.SlicesOf(model.VocabularySize);

    /// <param name="inputs">The step's upload.</param>
    public void Launch(in StepShape shape, ulong inputs)
    {
        var layout = new StepLayout(shape);
        if (shape.Whole)
        {
            whole!.Launch(stream, shape, arena, inputs);
            Pick(shape, layout, inputs);
            return;
        }
        var (first, last) = shape.Layers;
        if (first == 0) Embed(shape, layout, inputs);
        var fused = matMul.Fuses(model, shape.Tokens);
        for (var layer = first; layer < last; layer++)
            if (fused) FusedLayer(shape, layout, inputs, layer);
            else Layer(shape, layout, inputs, layer);
        if (last < model.LayerCount) return;
        var pending = fused ? 0 : Pending;
        if (shape.IsProbed)
        {
            Probe(shape, layout, inputs, pending);
            pending = 0;
        }
        if (shape.Rows > 0) Sample(shape, layout, inputs, pending);
    }

    /// <summary>What a block gave that is not in X yet: the next norm adds it. A norm after the block has added it already.</summary>
    private ulong Pending => model.NormPlacement == NormPlacement.After ? 0 : arena.Delta;

    private void Embed(in StepShape shape, in StepLayout layout, ulong inputs)
    {
        var (positions, sources) = (inputs + (ulong)layout.Positions, inputs + (ulong)layout.Sources);
        var plain = new EmbeddingParams(weights.Embedding, sources, arena.Sampled, arena.X, positions, weights.Positions, model.HiddenSize, model.PositionOffset, model.PositionRows, model.EmbeddingScale);
        if (weights.InputProjection is not { } projection)
        {
            kernels.Embedding.Launch(stream, new Grid(shape.Tokens), 128, plain);
            return;
        }
        kernels.Embedding.Launch(stream, new Grid(shape.Tokens), 128, plain with { X = arena.Normed, Learned = 0, Dim = model.EmbeddingSize });
        matMul.Run(stream, projection, arena.Normed, arena.X, shape.Tokens);
        if (weights.Positions != 0) kernels.Embedding.Launch(stream, new Grid(shape.Tokens), 128, plain with { Table = arena.X, Sources = 0, Scale = 1 }, overlap: true);
    }

    private void Layer(in StepShape shape, in StepLayout layout, ulong inputs, int index)
    {
        var layer = weights.Layers[index];
        matMul.Run(stream, layer.Qkv, BlockInput(index == 0 ? 0 : Pending, layer.AttentionNorm, shape.Tokens), arena.Qkv, shape.Tokens);
        Attend(shape, layout, inputs, index);
        matMul.Run(stream, layer.Output, arena.Attended, arena.Delta, shape.Tokens);
        EndBlock(layer.AttentionNorm, layer.AttentionOutputNorm, shape.Tokens);
        matMul.Run(stream, layer.GateUp, BlockInput(Pending, layer.MlpNorm, shape.Tokens), arena.GateUp, shape.Tokens);
        Activate(shape.Tokens);
        matMul.Run(stream, layer.Down, arena.Gated, arena.Delta, shape.Tokens);
        EndBlock(layer.MlpNorm, layer.MlpOutputNorm, shape.Tokens);
    }

    /// <summary>What a block reads of the residual stream.</summary>
    private ulong BlockInput(ulong delta, DeviceNorm norm, int count)
    {
        if (model.NormPlacement == NormPlacement.After) return arena.X;
        Norm(arena.X, delta, norm, arena.Normed, 0, count);
        return arena.Normed;
    }

    /// <summary>Norms of what a block gave, or of the residual stream with it.</summary>
    private void EndBlock(DeviceNorm norm, DeviceNorm? outputNorm, int count)
    {
        if (outputNorm is { } inner) Norm(arena.Delta, 0, inner, arena.Delta, 0, count);
        if (model.NormPlacement == NormPlacement.After) Norm(arena.X, arena.Delta, norm, arena.X, 0, count);
    }

    /// <summary>The same for few rows: residual sums and the gate are done by the products' own kernels, so X is always complete.</summary>
    private void FusedLayer(in StepShape shape, in StepLayout layout, ulong inputs, int index)
    {
        var layer = weights.Layers[index];
        Norm(arena.X, 0, layer.AttentionNorm, arena.Normed, 0, shape.Tokens);
        matMul.Run(stream, layer.Qkv, arena.Normed, arena.Qkv, shape.Tokens);
        Attend(shape, layout, inputs, index);
        matMul.RunAdding(stream, layer.Output, arena.Attended, arena.X, shape.Tokens);
        Norm(arena.X, 0, layer.MlpNorm, arena.Normed, 0, shape.Tokens);
        if (MatMul.Gates(model))
        {
            matMul.RunGated(stream, layer.GateUp, arena.Normed, arena.Gated, shape.Tokens);
        }
        else
        {
            matMul.Run(stream, layer.GateUp, arena.Normed, arena.GateUp, shape.Tokens);
            Activate(shape.Tokens);
        }
        matMul.RunAdding(stream, layer.Down, arena.Gated, arena.X, shape.Tokens);
    }

    private void Activate(int count) => kernels.Activate.Launch(stream, new Grid((model.IntermediateSize / 8 + 255) / 256, count), 256,
        new ActivateParams(arena.GateUp, arena.Gated, model.IntermediateSize), overlap: true);

    private void Attend(in StepShape shape, in StepLayout layout, ulong inputs, int index)
    {
        var layer = weights.Layers[index];
        kernels.RopeAndPages.Launch(stream, new Grid(shape.Tokens), 256, new RopeParams(
            arena.Qkv, turns, inputs + (ulong)layout.Positions, inputs + (ulong)layout.Places, pages.OfLayer(index), layer.QueryNorm, layer.KeyNorm,
            model.HeadCount, model.KvHeadCount, model.NormEpsilon), overlap: true);
        if (shape.Segments > 0) PrefillAttention(shape, layout, inputs, index, layer.Window);
        if (shape.Decodes > 0) DecodeAttention(shape, layout, inputs, index, layer.Window);
    }

    private void Norm(ulong x, ulong delta, DeviceNorm norm, ulong to, ulong rows, int count)
    {
        if (model.NormKind == NormKind.Layer)
            kernels.LayerNorm.Launch(stream, new Grid(count), 256, new LayerNormParams(x, delta, norm.Weight, norm.Bias, to, rows, model.HiddenSize, model.NormEpsilon), overlap: true);
        else
            kernels.RmsNorm.Launch(stream, new Grid(count), 256, new RmsNormParams(x, delta, norm.Weight, to, rows, model.HiddenSize, model.NormEpsilon, model.NormOffset), overlap: true);
    }

    /// <summary>What products of queries and keys are multiplied by for exp2, and the cap: with one the scale is in its slope.</summary>
    private (float Scale, ScoreCap Cap) ScoreOf(int layer)
    {
        const float log2E = 1.4426950408889634f;
        var scale = model.AttentionScaleOf(layer) * log2E;
        return model.AttentionSoftcap is { } cap ? (log2E, new ScoreCap(cap, 2 * scale / cap)) : (scale, default);
    }

    private void PrefillAttention(in StepShape shape, in StepLayout layout, ulong inputs, int layer, int window)
    {
        var (scale, cap) = ScoreOf(layer);
        var parameters = new PrefillAttentionParams(
            arena.Qkv, arena.Attended, pages.OfLayer(layer), inputs + (ulong)layout.Lists, inputs + (ulong)layout.Segments, inputs + (ulong)layout.Tiles,
            model.HeadCount, model.KvHeadCount, RowStride, window, scale, cap);
        if (kernels.HopperAttention is { } hopper)
            hopper.Launch(stream, new Grid(model.HeadCount, shape.Tiles), 384, new HopperAttentionParams(pages.MapOfLayer(layer), parameters), kernels.HopperAttentionBytes, overlap: true);
        else
            kernels.PrefillAttention.Launch(stream, new Grid(shape.Tiles, model.HeadCount), kernels.PrefillAttentionThreads, parameters, kernels.PrefillAttentionBytes, overlap: true);
    }

    private void DecodeAttention(in StepShape shape, in StepLayout layout, ulong inputs, int layer, int window)
    {
        var (scale, cap) = ScoreOf(layer);
        var parameters = new DecodeAttentionParams(arena.Qkv, arena.Attended, pages.OfLayer(layer), inputs + (ulong)layout.Lists, inputs + (ulong)layout.Decodes,
            arena.Partial, arena.LogSum, model.HeadCount, model.KvHeadCount, RowStride, shape.Split.Keys, shape.Split.Splits, window, scale, cap, shape.Segments > 0 ? 1 : 0);
        kernels.DecodeAttention.Launch(stream, new Grid(shape.Split.Splits, model.KvHeadCount, shape.Decodes), 128, parameters, kernels.DecodeAttentionBytes, overlap: true);
        if (shape.Split.Splits > 1)
            kernels.DecodeCombine.Launch(stream, new Grid(model.HeadCount, shape.Decodes), model.HeadSize, parameters, overlap: true);
    }

    /// <summary>What probes want: sums of hidden states, and scores of prompts' tokens, as many at once as there is room for logits. X is complete then.</summary>
    /// <param name="delta">What is not in X yet; 0 for nothing.</param>
    private void Probe(in StepShape shape, in StepLayout layout, ulong inputs, ulong delta)
    {
        var header = inputs + (ulong)layout.Probes;
        Norm(arena.X, delta, weights.FinalNorm ?? default, arena.Normed, 0, shape.Tokens);
        if (shape.Pools > 0)
            kernels.PoolRows.Launch(stream, new Grid((model.HiddenSize + PoolParams.Columns - 1) / PoolParams.Columns, shape.Pools), ModelKernels.PoolThreads,
                new PoolParams(arena.Normed, inputs + (ulong)layout.Pools, header, model.HiddenSize), overlap: true);
        for (var first = 0; first < shape.Scores; first += arena.Rows)
        {
            var count = Math.Min(arena.Rows, shape.Scores - first);
            Head(inputs + (ulong)(layout.ScoredRows + first * sizeof(int)), count, 0);
            kernels.ScorePrompt.Launch(stream, new Grid(count), ModelKernels.SamplingThreads,
                new ScoreParams(arena.Logits, inputs + (ulong)(layout.Scores + first * Unsafe.SizeOf<ScoredRecord>()), header, first, model.VocabularySize), overlap: true);
        }
    }

    private void Sample(in StepShape shape, in StepLayout layout, ulong inputs, ulong delta)
    {
        Head(inputs + (ulong)layout.HeadRows, shape.Rows, delta);
        Pick(shape, layout, inputs);
    }

    /// <summary>The logits of some rows.</summary>
    /// <param name="rows">Which of X.</param>
    /// <param name="delta">What is not in X yet; 0 for nothing.</param>
    private void Head(ulong rows, int count, ulong delta)
    {
        var normed = weights.OutputProjection is null ? arena.HeadInput : arena.Normed;
        Norm(arena.X, delta, weights.FinalNorm ?? default, normed, rows, count);      // without a norm: only the sum
        if (weights.OutputProjection is { } projection) matMul.Run(stream, projection, normed, arena.HeadInput, count);
        matMul.Run(stream, weights.Head, arena.HeadInput, arena.Logits, count, wide: true);
        if (model.LogitSoftcap is not { } cap) return;
        var logits = (long)count * model.VocabularySize;
        kernels.CapLogits.Launch(stream, new Grid((int)((logits + 255) / 256)), 256, new CapLogitsParams(arena.Logits, logits, cap), overlap: true);
    }

    private void Pick(in StepShape shape, in StepLayout layout, ulong inputs)
    {
        var (samples, header) = (inputs + (ulong)layout.Samples, inputs + (ulong)StepLayout.Header);
        kernels.ScanLogits.Launch(stream, new Grid(slices, shape.Rows), ModelKernels.ScanThreads,
            new ScanParams(arena.Logits, samples, header, arena.ScanPartial, arena.Scans, arena.Tickets, arena.Sampled, model.VocabularySize, slices), overlap: true);
        if (shape.Draws)
            kernels.Sample.Launch(stream, new Grid(shape.Rows), ModelKernels.SamplingThreads,
                new SampleParams(arena.Logits, samples, header, arena.Scans, inputs + (ulong)layout.Lists, arena.Sampled, arena.Weights, arena.Seen, model.VocabularySize), overlap: true);
    }

    private int RowStride => model.QuerySize + 2 * model.KvSize;
}
