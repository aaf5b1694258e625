using Splitwiser.Models;

namespace Splitwiser.Gpu.Cuda;

/// <summary>A decode step of a few rows, up to the logits, as one cooperative launch: one stream of weights that no kernel's end interrupts.</summary>
internal sealed class DecodeStep : IDisposable
{
    /// <summary>Rows of a step that takes this way.</summary>
    public const int MostRows = 8;

    /// <summary>Dynamic shared memory: twelve stages of 16 rows of 512 weights, padded, their barriers, and scratch.</summary>
    public const int SharedBytes = 12 * (16 * (512 * 2 + 64) + 16) + 20480;

    private const int Threads = 12 * 32, MostPacked = 8, Piece = 32;

    private readonly ModelConfig model;
    private readonly DeviceWeights weights;
    private readonly CudaKernel kernel;
    private readonly DeviceBuffer layers;
    private readonly ulong turns;
    private readonly int processors;

    public unsafe DecodeStep(ModelConfig model, DeviceWeights weights, KvPages pages, ulong turns, CudaKernel kernel, int processors, CudaStream stream)
    {
        (this.model, this.weights, this.turns, this.kernel, this.processors) = (model, weights, turns, kernel, processors);
        StepLayer[] records = [.. weights.Layers.Select((layer, index) => new StepLayer(
            layer.AttentionNorm.Weight, layer.Qkv.Weight, layer.Qkv.Bias, layer.QueryNorm, layer.KeyNorm, layer.Output.Weight, layer.Output.Bias, layer.MlpNorm.Weight,
            layer.GateUp.Weight, layer.Down.Weight, pages.OfLayer(index), layer.Window))];
        layers = new DeviceBuffer((long)records.Length * sizeof(StepLayer));
        fixed (StepLayer* from = records) layers.Upload(from, layers.Bytes, stream);
        stream.Synchronize();
    }

    /// <summary>Whether the kernel is written for this model and card.</summary>
    public static bool Fits(CudaDevice device, ModelConfig model) =>
        device.ComputeCapability == 90 && device.SharedBytesPerBlock >= SharedBytes && model.HeadSize is (64 or 128) && model.HeadCount / model.KvHeadCount <= MostPacked
        && model.HiddenSize % Piece == 0 && model.IntermediateSize % Piece == 0 && model.Rope?.RotarySize(model.HeadSize) == model.HeadSize
        && model is
        {
            NormKind: NormKind.RootMeanSquare, NormPlacement: NormPlacement.Before, NormWeights: true, NormOffset: 0, FinalNorm: true, GatedMlp: true, Activation: Activation.Silu, MlpBias: false,
            EmbeddingScale: 1, ProjectedEmbeddingSize: null, ScalesAttentionByLayer: false, AttentionSoftcap: null, LogitSoftcap: null,
        };

    /// <summary>Ints of the kernel's own, zero between launches: meetings, blocks done, tickets (rows, kv heads).</summary>
    public static int CountersOf(ModelConfig model) => 2 + MostRows * model.KvHeadCount;

    /// <summary>The logits of all rows, in the arena.</summary>
    public void Launch(CudaStream stream, in StepShape shape, Arena arena, ulong inputs)
    {
        var layout = new StepLayout(shape);
        kernel.LaunchTogether(stream, new Grid(processors), Threads, new DecodeStepParams(
            layers.Pointer, weights.Embedding, inputs + (ulong)layout.Sources, arena.Sampled, inputs + (ulong)layout.Decodes, inputs + (ulong)layout.Lists, turns, inputs + (ulong)layout.Positions, weights.FinalNorm!.Value.Weight, weights.Head.Weight,
            arena.X, arena.Qkv, arena.Attended, arena.Gated, arena.Logits, arena.Partial, arena.LogSum, arena.Counters,
            shape.Tokens, model.LayerCount, model.HiddenSize, model.HeadCount, model.KvHeadCount, model.IntermediateSize, model.VocabularySize, shape.Split.Keys, shape.Split.Splits,
            model.NormEpsilon, 1.4426950408889634f * model.AttentionScaleOf(0)), SharedBytes);
    }

    public void Dispose() => layers.Dispose();
}
