using Splitwiser.Models.Checkpoints;

namespace Splitwiser.Models.Families;

/// <summary>
/// Gemma 2 (arXiv 2408.00118, transformers' Gemma2Config): norms of weight 1 + w before and after each block, soft caps on attention and
/// logits, every second layer with a sliding window, embeddings scaled by the root of the hidden size.
/// </summary>
internal sealed class Gemma2Family() : LlamaLikeFamily(ModelFamily.Gemma2, "gemma2", "Gemma2ForCausalLM", maxPositions: 8192, bos: 2, eos: 1, tied: true)
{
    public override ModelConfig ReadConfig(JsonFields config)
    {
        RefuseFlag(config, "use_bidirectional_attention");
        var read = base.ReadConfig(config);
        var window = config.IsAbsent("sliding_window") ? 4096 : config.FindInt("sliding_window", 1, int.MaxValue);
        var windowed = WindowedLayers(config, read.LayerCount) ?? [.. Enumerable.Range(0, read.LayerCount).Select(layer => layer % 2 == 0)];
        if (window is null && windowed.Contains(true))
            throw config.Wrong("sliding_window", "a window for the layers that slide", "none");
        var bias = config.Flag("attention_bias", false);
        return read with
        {
            QkvBias = bias,
            OutputBias = bias,
            NormPlacement = NormPlacement.Around,
            NormOffset = 1,
            EmbeddingScale = (float)Math.Sqrt(read.HiddenSize),
            AttentionScale = (float)Math.Pow(config.FindNumber("query_pre_attn_scalar", 1e-6, 1e9) ?? 256, -0.5),
            AttentionSoftcap = Cap(config, "attn_logit_softcapping", 50),
            LogitSoftcap = Cap(config, "final_logit_softcapping", 30),
            SlidingWindow = windowed.Contains(true) ? window : null,
            WindowedLayers = windowed.Contains(true) ? windowed : [],
        };
    }

    protected override int HeadSize(JsonFields config, int hidden, int heads) => 256;
    protected override string MlpNormName => "pre_feedforward_layernorm";
    protected override string ActivationName => "hidden_activation";
    protected override Activation DefaultActivation => Activation.GeluTanh;

    protected override LayerWeights TakeLayer(ITensorSource source, ModelConfig config, string layer) => base.TakeLayer(source, config, layer) with
    {
        AttentionOutputNorm = TakeNorm(source, $"{layer}.post_attention_layernorm", config.HiddenSize),
        MlpOutputNorm = TakeNorm(source, $"{layer}.post_feedforward_layernorm", config.HiddenSize),
    };

    /// <summary>A cap that is null is none.</summary>
    private static float? Cap(JsonFields config, string name, float ifAbsent) =>
        config.IsAbsent(name) ? ifAbsent : (float?)config.FindNumber(name, 1e-3, 1e6);
}
