namespace Splitwiser.Models.Families;

/// <summary>Qwen2 and 2.5 (transformers' Qwen2Config): query, key and value have biases, whatever the config says.</summary>
internal sealed class Qwen2Family() : QwenFamily(ModelFamily.Qwen2, "qwen2", "Qwen2ForCausalLM")
{
    public override ModelConfig ReadConfig(JsonFields config) => base.ReadConfig(config) with { QkvBias = true };
}
