namespace Splitwiser.Models.Families;

/// <summary>Mistral (transformers' MistralConfig): no biases; every layer attends to the sliding window, if there is one.</summary>
internal sealed class MistralFamily() : LlamaLikeFamily(ModelFamily.Mistral, "mistral", "MistralForCausalLM", maxPositions: 4096 * 32, bos: 1, eos: 2)
{
    public override ModelConfig ReadConfig(JsonFields config)
    {
        var read = base.ReadConfig(config);
        var window = config.IsAbsent("sliding_window") ? 4096 : config.FindInt("sliding_window", 1, int.MaxValue);
        CheckLayerTypes(config, read.LayerCount, windowed: window is not null);
        RefuseFlag(config, "attention_bias");
        RefuseFlag(config, "mlp_bias");
        return window is null ? read : read with { SlidingWindow = window, WindowedLayers = [.. Enumerable.Repeat(true, read.LayerCount)] };
    }
}
