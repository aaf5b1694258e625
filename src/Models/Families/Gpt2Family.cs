using Splitwiser.Models.Checkpoints;

namespace Splitwiser.Models.Families;

/// <summary>
/// GPT-2 (transformers' GPT2Config): LayerNorm, learned positions, biases, an MLP without a gate. Its matrices are stored as (inputs, outputs),
/// query, key and value in one.
/// </summary>
internal sealed class Gpt2Family() : DecoderFamily(ModelFamily.Gpt2, "gpt2", "GPT2LMHeadModel")
{
    public override bool HasGpt2Tokenizer => true;

    public override ModelConfig ReadConfig(JsonFields config)
    {
        RefuseQuantized(config);
        RefuseFlag(config, "add_cross_attention");
        var hidden = config.Int("n_embd", 1, MostSize / 4);
        var heads = config.Int("n_head", 1, MostSize);
        var vocabulary = config.Int("vocab_size", 1, MostSize);
        return new ModelConfig
        {
            Family = Id,
            VocabularySize = vocabulary,
            HiddenSize = hidden,
            IntermediateSize = config.FindInt("n_inner", 1, MostSize) ?? 4 * hidden,
            LayerCount = config.Int("n_layer", 1, MostLayers),
            HeadCount = heads,
            KvHeadCount = heads,
            HeadSize = HeadSizeOf(config, "n_head", "n_embd", hidden, heads),
            MaxPositions = config.FindInt("n_positions", 1, MostSize) ?? 1024,
            NormEpsilon = (float)(config.FindNumber("layer_norm_epsilon", 0, 1) ?? 1e-5),
            Rope = null,
            NormKind = NormKind.Layer,
            Activation = ReadActivation(config, "activation_function", Activation.GeluTanh),
            GatedMlp = false,
            AttentionScale = config.Flag("scale_attn_weights", true) ? null : 1,
            ScalesAttentionByLayer = config.Flag("scale_attn_by_inverse_layer_idx", false),
            QkvBias = true,
            OutputBias = true,
            MlpBias = true,
            TiedEmbeddings = config.Flag("tie_word_embeddings", true),
            BosTokenId = FirstTokenId(config, "bos_token_id", vocabulary, 50256),
            EosTokenIds = config.TokenIds("eos_token_id", vocabulary, 50256),
        };
    }

    public override DecoderWeights Take(ITensorSource source, ModelConfig config)
    {
        var prefix = Prefix(source, "wte.weight", "transformer.", "");
        var embedding = source.Take($"{prefix}wte.weight", config.VocabularySize, config.HiddenSize);
        return new DecoderWeights(source)
        {
            Config = config,
            Embedding = embedding,
            Positions = source.Take($"{prefix}wpe.weight", config.PositionRows, config.HiddenSize),
            Layers = [.. Enumerable.Range(0, config.LayerCount).Select(layer => TakeLayer(source, config, $"{prefix}h.{layer}"))],
            FinalNorm = TakeNorm(source, $"{prefix}ln_f", config.HiddenSize, bias: true),
            Head = TakeHead(source, config, embedding),
        };
    }

    private static LayerWeights TakeLayer(ITensorSource source, ModelConfig config, string layer)
    {
        var hidden = config.HiddenSize;
        var fused = TakeConvolution(source, $"{layer}.attn.c_attn", hidden, 3 * hidden);
        return new LayerWeights
        {
            AttentionNorm = TakeNorm(source, $"{layer}.ln_1", hidden, bias: true),
            Query = Part(0),
            Key = Part(hidden),
            Value = Part(2 * hidden),
            Output = TakeConvolution(source, $"{layer}.attn.c_proj", hidden, hidden),
            MlpNorm = TakeNorm(source, $"{layer}.ln_2", hidden, bias: true),
            Up = TakeConvolution(source, $"{layer}.mlp.c_fc", hidden, config.IntermediateSize),
            Down = TakeConvolution(source, $"{layer}.mlp.c_proj", config.IntermediateSize, hidden),
        };

        Linear Part(int first) => new(fused.Weight.Rows(first, hidden), fused.Bias!.Rows(first, hidden));
    }

    /// <summary>A linear map that GPT-2 calls a convolution of width 1.</summary>
    private static Linear TakeConvolution(ITensorSource source, string name, int inputs, int outputs) =>
        new(source.TakeTransposed($"{name}.weight", inputs, outputs), source.Take($"{name}.bias", outputs));
}
