using Splitwiser.Models.Checkpoints;

namespace Splitwiser.Models.Families;

/// <summary>
/// Phi-3, 3.5-mini and 4 (transformers' Phi3Config): Llama with query, key and value in one matrix, gate and up in another, and LongRoPE;
/// every layer attends to the sliding window, if there is one.
/// </summary>
internal sealed class Phi3Family() : LlamaLikeFamily(ModelFamily.Phi3, "phi3", "Phi3ForCausalLM", maxPositions: 4096, bos: 1, eos: 32000, epsilon: 1e-5)
{
    public override ModelConfig ReadConfig(JsonFields config)
    {
        RefuseFlag(config, "attention_bias");
        RefuseFlag(config, "mlp_bias");
        var read = base.ReadConfig(config);
        var window = config.FindInt("sliding_window", 1, int.MaxValue);
        CheckLayerTypes(config, read.LayerCount, windowed: window is not null);
        return window is null ? read : read with { SlidingWindow = window, WindowedLayers = [.. Enumerable.Repeat(true, read.LayerCount)] };
    }

    protected override RopeConfig ReadRope(JsonFields config, int maxPositions, int headSize) =>
        RopeFields.Read(config, maxPositions, headSize, new PartialRope(headSize, originalMaxPositions: 4096));

    protected override (Linear Query, Linear Key, Linear Value) TakeQkv(ITensorSource source, ModelConfig config, string attention)
    {
        var (query, kv) = (config.QuerySize, config.KvSize);
        var fused = source.Take($"{attention}.qkv_proj.weight", query + 2 * kv, config.HiddenSize);
        return (new Linear(fused.Rows(0, query), null), new Linear(fused.Rows(query, kv), null), new Linear(fused.Rows(query + kv, kv), null));
    }

    protected override (Linear Gate, Linear Up) TakeGateUp(ITensorSource source, ModelConfig config, string mlp)
    {
        var size = config.IntermediateSize;
        var fused = source.Take($"{mlp}.gate_up_proj.weight", 2 * size, config.HiddenSize);
        return (new Linear(fused.Rows(0, size), null), new Linear(fused.Rows(size, size), null));
    }
}
