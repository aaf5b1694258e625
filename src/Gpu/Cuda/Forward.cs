using Splitwiser.Models;

namespace Splitwiser.Gpu.Cuda;

/// <summary>Launches a step's kernels on a lane's stream, in order. It reads and writes fixed addresses only, so it can be captured.</summary>
internal sealed class Forward(ModelConfig model, DeviceWeights weights, KvPages pages, ulong turns, ModelKernels kernels, MatMul matMul, Arena arena, CudaStream stream)
{
    private readonly float scale = 1.4426950408889634f / MathF.Sqrt(model.HeadSize);
    private readonly int slices = ScanParams.SlicesOf(model.VocabularySize);

    /// <param name="inputs">The step's upload.</param>
    public void Launch(in StepShape shape, ulong inputs)
    {
        var layout = new StepLayout(shape);
        var (first, last) = shape.Layers;
        if (first == 0)
            kernels.Embedding.Launch(stream, new Grid(shape.Tokens), 128, new EmbeddingParams(weights.Embedding, inputs + (ulong)layout.Sources, arena.Sampled, arena.X, model.HiddenSize));
        var fused = MatMul.Fuses(model, shape.Tokens);
        for (var layer = first; layer < last; layer++)
            if (fused) FusedLayer(shape, layout, inputs, layer);
            else Layer(shape, layout, inputs, layer);
        if (last == model.LayerCount && shape.Rows > 0) Sample(shape, layout, inputs, fused ? 0 : arena.Delta);
    }

    private void Layer(in StepShape shape, in StepLayout layout, ulong inputs, int index)
    {
        var layer = weights.Layers[index];
        Norm(index == 0 ? 0 : arena.Delta, layer.InputNorm, arena.Normed, 0, shape.Tokens);
        matMul.Run(stream, layer.Qkv, arena.Normed, arena.Qkv, shape.Tokens);
        Attend(shape, layout, inputs, index);
        matMul.Run(stream, layer.Output, arena.Attended, arena.Delta, shape.Tokens);
        Norm(arena.Delta, layer.PostAttentionNorm, arena.Normed, 0, shape.Tokens);
        matMul.Run(stream, layer.GateUp, arena.Normed, arena.GateUp, shape.Tokens);
        kernels.SwiGlu.Launch(stream, new Grid((model.IntermediateSize / 8 + 255) / 256, shape.Tokens), 256,
            new SwiGluParams(arena.GateUp, arena.Gated, model.IntermediateSize), overlap: true);
        matMul.Run(stream, layer.Down, arena.Gated, arena.Delta, shape.Tokens);
    }

    /// <summary>The same for few rows: residual sums and the gate are done by the products' own kernels, so X is always complete.</summary>
    private void FusedLayer(in StepShape shape, in StepLayout layout, ulong inputs, int index)
    {
        var layer = weights.Layers[index];
        Norm(0, layer.InputNorm, arena.Normed, 0, shape.Tokens);
        matMul.Run(stream, layer.Qkv, arena.Normed, arena.Qkv, shape.Tokens);
        Attend(shape, layout, inputs, index);
        matMul.RunAdding(stream, layer.Output, arena.Attended, arena.X, shape.Tokens);
        Norm(0, layer.PostAttentionNorm, arena.Normed, 0, shape.Tokens);
        matMul.RunGated(stream, layer.GateUp, arena.Normed, arena.Gated, shape.Tokens);
        matMul.RunAdding(stream, layer.Down, arena.Gated, arena.X, shape.Tokens);
    }

    private void Attend(in StepShape shape, in StepLayout layout, ulong inputs, int index)
    {
        var layer = weights.Layers[index];
        kernels.RopeAndPages.Launch(stream, new Grid(shape.Tokens), 256, new RopeParams(
            arena.Qkv, turns, inputs + (ulong)layout.Positions, inputs + (ulong)layout.Places, pages.OfLayer(index), layer.QueryNorm, layer.KeyNorm,
            model.HeadCount, model.KvHeadCount, model.NormEpsilon), overlap: true);
        if (shape.Segments > 0) PrefillAttention(shape, layout, inputs, index, layer.Window);
        if (shape.Decodes > 0) DecodeAttention(shape, layout, inputs, index, layer.Window);
    }

    private void Norm(ulong delta, ulong weight, ulong to, ulong rows, int count) => kernels.RmsNorm.Launch(stream, new Grid(count), 256,
        new RmsNormParams(arena.X, delta, weight, to, rows, model.HiddenSize, model.NormEpsilon), overlap: true);

    private void PrefillAttention(in StepShape shape, in StepLayout layout, ulong inputs, int layer, int window)
    {
        var parameters = new PrefillAttentionParams(
            arena.Qkv, arena.Attended, pages.OfLayer(layer), inputs + (ulong)layout.Lists, inputs + (ulong)layout.Segments, inputs + (ulong)layout.Tiles,
            model.HeadCount, model.KvHeadCount, RowStride, window, scale);
        if (kernels.HopperAttention is { } hopper)
            hopper.Launch(stream, new Grid(model.HeadCount, shape.Tiles), 384, new HopperAttentionParams(pages.MapOfLayer(layer), parameters), kernels.HopperAttentionBytes, overlap: true);
        else
            kernels.PrefillAttention.Launch(stream, new Grid(shape.Tiles, model.HeadCount), 128, parameters, kernels.PrefillAttentionBytes, overlap: true);
    }

    private void DecodeAttention(in StepShape shape, in StepLayout layout, ulong inputs, int layer, int window)
    {
        var parameters = new DecodeAttentionParams(arena.Qkv, arena.Attended, pages.OfLayer(layer), inputs + (ulong)layout.Lists, inputs + (ulong)layout.Decodes,
            arena.Partial, arena.LogSum, model.HeadCount, model.KvHeadCount, RowStride, shape.Split.Keys, shape.Split.Splits, window, scale);
        kernels.DecodeAttention.Launch(stream, new Grid(shape.Split.Splits, model.KvHeadCount, shape.Decodes), 128, parameters, kernels.DecodeAttentionBytes, overlap: true);
        if (shape.Split.Splits > 1)
            kernels.DecodeCombine.Launch(stream, new Grid(model.HeadCount, shape.Decodes), model.HeadSize, parameters, overlap: true);
    }

    /// <param name="delta">What is not in X yet; 0 for nothing.</param>
    private void Sample(in StepShape shape, in StepLayout layout, ulong inputs, ulong delta)
    {
        Norm(delta, weights.FinalNorm, arena.HeadInput, inputs + (ulong)layout.HeadRows, shape.Rows);
        matMul.Run(stream, weights.Head, arena.HeadInput, arena.Logits, shape.Rows, wide: true);
        var (samples, header) = (inputs + (ulong)layout.Samples, inputs + (ulong)StepLayout.Header);
        kernels.ScanLogits.Launch(stream, new Grid(slices, shape.Rows), ModelKernels.ScanThreads,
            new ScanParams(arena.Logits, samples, header, arena.ScanPartial, arena.Scans, arena.Tickets, arena.Sampled, model.VocabularySize, slices), overlap: true);
        if (shape.Draws)
            kernels.Sample.Launch(stream, new Grid(shape.Rows), ModelKernels.SamplingThreads,
                new SampleParams(arena.Logits, samples, header, arena.Scans, inputs + (ulong)layout.Lists, arena.Sampled, arena.Weights, arena.Seen, model.VocabularySize), overlap: true);
    }

    private int RowStride => model.QuerySize + 2 * model.KvSize;
}
