using Splitwiser.Models.Checkpoints;

namespace Splitwiser.Models.Families;

/// <summary>
/// OPT (arXiv 2205.01068, transformers' OPTConfig): LayerNorm, learned positions from row 2 on, biases, an MLP without a gate. OPT-350m
/// normalizes after each block and projects its narrower embeddings.
/// </summary>
internal sealed class OptFamily() : DecoderFamily(ModelFamily.Opt, "opt", "OPTForCausalLM")
{
    private const string WithoutFinalNorm = "_remove_final_layer_norm";

    public override bool HasGpt2Tokenizer => true;

    public override ModelConfig ReadConfig(JsonFields config)
    {
        RefuseQuantized(config);
        var hidden = config.Int("hidden_size", 1, MostSize);
        var heads = config.Int("num_attention_heads", 1, MostSize);
        var vocabulary = config.Int("vocab_size", 1, MostSize);
        var embedding = config.FindInt("word_embed_proj_dim", 1, MostSize) ?? hidden;
        var normsBefore = config.Flag("do_layer_norm_before", true);
        var bias = config.Flag("enable_bias", true);
        return new ModelConfig
        {
            Family = Id,
            VocabularySize = vocabulary,
            HiddenSize = hidden,
            IntermediateSize = config.Int("ffn_dim", 1, MostSize),
            LayerCount = config.Int("num_hidden_layers", 1, MostLayers),
            HeadCount = heads,
            KvHeadCount = heads,
            HeadSize = HeadSizeOf(config, "num_attention_heads", "hidden_size", hidden, heads),
            MaxPositions = config.FindInt("max_position_embeddings", 1, MostSize) ?? 2048,
            NormEpsilon = 1e-5f,
            Rope = null,
            PositionOffset = 2,
            NormKind = NormKind.Layer,
            NormPlacement = normsBefore ? NormPlacement.Before : NormPlacement.After,
            NormWeights = config.Flag("layer_norm_elementwise_affine", true),
            FinalNorm = normsBefore && !config.Flag(WithoutFinalNorm, false),
            Activation = ReadActivation(config, "activation_function", Activation.Relu),
            GatedMlp = false,
            ProjectedEmbeddingSize = embedding == hidden ? null : embedding,
            QkvBias = bias,
            OutputBias = bias,
            MlpBias = bias,
            TiedEmbeddings = config.Flag("tie_word_embeddings", true),
            BosTokenId = FirstTokenId(config, "bos_token_id", vocabulary, 2),
            EosTokenIds = config.TokenIds("eos_token_id", vocabulary, 2),
        };
    }

    public override DecoderWeights Take(ITensorSource source, ModelConfig config)
    {
        var prefix = Prefix(source, "embed_tokens.weight", "model.decoder.", "decoder.", "");
        var (hidden, width) = (config.HiddenSize, config.EmbeddingSize);
        var embedding = source.Take($"{prefix}embed_tokens.weight", config.VocabularySize, width);
        return new DecoderWeights(source)
        {
            Config = config,
            Embedding = embedding,
            InputProjection = width == hidden ? null : TakeLinear(source, $"{prefix}project_in", hidden, width, bias: false),
            Positions = source.Take($"{prefix}embed_positions.weight", config.PositionRows, hidden),
            Layers = [.. Enumerable.Range(0, config.LayerCount).Select(layer => TakeLayer(source, config, $"{prefix}layers.{layer}"))],
            FinalNorm = config.FinalNorm ? TakeNorm(source, config, $"{prefix}final_layer_norm") : null,
            OutputProjection = width == hidden ? null : TakeLinear(source, $"{prefix}project_out", width, hidden, bias: false),
            Head = TakeHead(source, config, embedding),
        };
    }

    private static LayerWeights TakeLayer(ITensorSource source, ModelConfig config, string layer)
    {
        var (hidden, attention) = (config.HiddenSize, $"{layer}.self_attn");
        return new LayerWeights
        {
            AttentionNorm = TakeNorm(source, config, $"{attention}_layer_norm"),
            Query = TakeLinear(source, $"{attention}.q_proj", hidden, hidden, config.QkvBias),
            Key = TakeLinear(source, $"{attention}.k_proj", hidden, hidden, config.QkvBias),
            Value = TakeLinear(source, $"{attention}.v_proj", hidden, hidden, config.QkvBias),
            Output = TakeLinear(source, $"{attention}.out_proj", hidden, hidden, config.OutputBias),
            MlpNorm = TakeNorm(source, config, $"{layer}.final_layer_norm"),
            Up = TakeLinear(source, $"{layer}.fc1", config.IntermediateSize, hidden, config.MlpBias),
            Down = TakeLinear(source, $"{layer}.fc2", hidden, config.IntermediateSize, config.MlpBias),
        };
    }

    private static Norm TakeNorm(ITensorSource source, ModelConfig config, string name) =>
        config.NormWeights ? TakeNorm(source, name, config.HiddenSize, bias: true) : default;
}
