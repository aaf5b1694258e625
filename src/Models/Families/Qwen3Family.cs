namespace Splitwiser.Models.Families;

/// <summary>Qwen3 (transformers' Qwen3Config): queries and keys are normalized; the head size has a default of its own.</summary>
internal sealed class Qwen3Family() : QwenFamily(ModelFamily.Qwen3, "qwen3", "Qwen3ForCausalLM")
{
    public override ModelConfig ReadConfig(JsonFields config)
    {
        var bias = config.Flag("attention_bias", false);
        return base.ReadConfig(config) with { QkNorm = true, QkvBias = bias, OutputBias = bias };
    }

    protected override int HeadSize(JsonFields config, int hidden, int heads) => 128;
}
