namespace Splitwiser.Models.Families;

/// <summary>Llama 1 to 3.3 (transformers' LlamaConfig).</summary>
internal sealed class LlamaFamily() : LlamaLikeFamily(ModelFamily.Llama, "llama", "LlamaForCausalLM", maxPositions: 2048, bos: 1, eos: 2)
{
    public override ModelConfig ReadConfig(JsonFields config)
    {
        var read = base.ReadConfig(config);
        CheckLayerTypes(config, read.LayerCount, windowed: false);
        var bias = config.Flag("attention_bias", false);
        return read with { QkvBias = bias, OutputBias = bias, MlpBias = config.Flag("mlp_bias", false) };
    }
}
