using System.Collections.Immutable;
using Splitwiser.Models.Checkpoints;

namespace Splitwiser.Models.Families;

/// <summary>
/// What Llama and its kin share: RMSNorm, rotary attention with grouped heads, a SiLU-gated MLP, Llama's tensor names. Absent
/// fields mean what the family's class in transformers makes of them; the five sizes that make a model have no default.
/// </summary>
internal abstract class LlamaLikeFamily(ModelFamily id, string modelType, string architecture, int maxPositions, int? bos = null, int? eos = null) : DecoderFamily(id, modelType, architecture)
{
    private const int MostSize = 1 << 24;       // of one dimension: far over any model, far under overflow
    private const int MostLayers = 4096;

    public override ModelConfig ReadConfig(JsonFields config)
    {
        RefuseUnsupported(config);
        var hidden = config.Int("hidden_size", 1, MostSize);
        var heads = config.Int("num_attention_heads", 1, MostSize);
        var kvHeads = config.FindInt("num_key_value_heads", 1, MostSize) ?? heads;
        if (heads % kvHeads != 0)
            throw config.Wrong("num_key_value_heads", $"a divisor of num_attention_heads, {heads}", $"{kvHeads}");
        var headSize = config.FindInt("head_dim", 2, MostSize) ?? HeadSize(config, hidden, heads);
        if (headSize % 2 != 0)
            throw config.Wrong("head_dim", "an even number", $"{headSize}");
        if ((long)heads * headSize > MostSize)
            throw config.Wrong("head_dim", $"at most {MostSize} with all {heads} heads", $"{headSize}");
        var vocabulary = config.Int("vocab_size", 1, MostSize);
        var positions = config.FindInt("max_position_embeddings", 1, int.MaxValue) ?? maxPositions;
        return new ModelConfig
        {
            Family = Id,
            VocabularySize = vocabulary,
            HiddenSize = hidden,
            IntermediateSize = config.Int("intermediate_size", 1, MostSize),
            LayerCount = config.Int("num_hidden_layers", 1, MostLayers),
            HeadCount = heads,
            KvHeadCount = kvHeads,
            HeadSize = headSize,
            MaxPositions = positions,
            NormEpsilon = (float)(config.FindNumber("rms_norm_eps", 0, 1) ?? 1e-6),
            Rope = RopeFields.Read(config, positions),
            TiedEmbeddings = config.Flag("tie_word_embeddings", false),
            BosTokenId = config.TokenIds("bos_token_id", vocabulary, bos) is [var first, ..] ? first : null,
            EosTokenIds = config.TokenIds("eos_token_id", vocabulary, eos),
        };
    }

    public override DecoderWeights Take(ITensorSource source, ModelConfig config)
    {
        var embedding = source.Take("model.embed_tokens.weight", config.VocabularySize, config.HiddenSize);
        return new DecoderWeights(source)
        {
            Config = config,
            Embedding = embedding,
            Layers = [.. Enumerable.Range(0, config.LayerCount).Select(layer => TakeLayer(source, config, $"model.layers.{layer}"))],
            FinalNorm = source.Take("model.norm.weight", config.HiddenSize),
            Head = TakeHead(source, config, embedding),
        };
    }

    /// <summary>head_dim when the config has none.</summary>
    protected virtual int HeadSize(JsonFields config, int hidden, int heads) => hidden % heads == 0
        ? hidden / heads
        : throw config.Wrong("num_attention_heads", $"a divisor of hidden_size, {hidden}, when there is no head_dim", $"{heads}");

    /// <summary>layer_types: whether each layer attends to a window; null when absent.</summary>
    protected static ImmutableArray<bool>? WindowedLayers(JsonFields config, int layerCount)
    {
        if (config.FindTexts("layer_types") is not { } types)
            return null;
        if (types.Length != layerCount)
            throw config.Wrong("layer_types", $"{layerCount} entries, as num_hidden_layers says", $"{types.Length}");
        return [.. types.Select(type => type switch
        {
            "full_attention" => false,
            "sliding_attention" => true,
            _ => throw config.Wrong("layer_types", "full_attention or sliding_attention", type),
        })];
    }

    /// <summary>For families that have no layer_types of their own: what it says must be what the family does anyway.</summary>
    protected static void CheckLayerTypes(JsonFields config, int layerCount, bool windowed)
    {
        if (WindowedLayers(config, layerCount) is { } layers && layers.Contains(!windowed))
            throw config.Wrong("layer_types", $"{(windowed ? "sliding" : "full")}_attention only, for this model_type", "other entries");
    }

    private static void RefuseUnsupported(JsonFields config)
    {
        if (config.FindText("hidden_act") is { } activation and not ("silu" or "swish"))
            throw config.Wrong("hidden_act", "silu", activation);
        foreach (var quantization in new[] { "quantization_config", "compression_config" })
        {
            if (config.Has(quantization))
                throw config.Wrong(quantization, "none: weights in F32, F16 or BF16", "one");
        }
        foreach (var type in new[] { "dtype", "torch_dtype" })
        {
            if (config.FindText(type) is { } name and not ("float32" or "float16" or "bfloat16" or "auto"))
                throw config.Wrong(type, "float32, float16 or bfloat16", name);
        }
    }

    private static Tensor TakeHead(ITensorSource source, ModelConfig config, Tensor embedding)
    {
        // As in transformers a head in the checkpoint counts even where the config says tied.
        const string name = "lm_head.weight";
        return config.TiedEmbeddings
            ? source.Find(name, config.VocabularySize, config.HiddenSize) ?? embedding
            : source.Take(name, config.VocabularySize, config.HiddenSize);
    }

    private static LayerWeights TakeLayer(ITensorSource source, ModelConfig config, string layer)
    {
        var (attention, mlp) = ($"{layer}.self_attn", $"{layer}.mlp");
        return new LayerWeights
        {
            InputNorm = source.Take($"{layer}.input_layernorm.weight", config.HiddenSize),
            Query = TakeLinear($"{attention}.q_proj", config.QuerySize, config.HiddenSize, config.QkvBias),
            Key = TakeLinear($"{attention}.k_proj", config.KvSize, config.HiddenSize, config.QkvBias),
            Value = TakeLinear($"{attention}.v_proj", config.KvSize, config.HiddenSize, config.QkvBias),
            Output = TakeLinear($"{attention}.o_proj", config.HiddenSize, config.QuerySize, config.OutputBias),
            QueryNorm = config.QkNorm ? source.Take($"{attention}.q_norm.weight", config.HeadSize) : null,
            KeyNorm = config.QkNorm ? source.Take($"{attention}.k_norm.weight", config.HeadSize) : null,
            PostAttentionNorm = source.Take($"{layer}.post_attention_layernorm.weight", config.HiddenSize),
            Gate = TakeLinear($"{mlp}.gate_proj", config.IntermediateSize, config.HiddenSize, config.MlpBias),
            Up = TakeLinear($"{mlp}.up_proj", config.IntermediateSize, config.HiddenSize, config.MlpBias),
            Down = TakeLinear($"{mlp}.down_proj", config.HiddenSize, config.IntermediateSize, config.MlpBias),
        };

        Linear TakeLinear(string name, int outputs, int inputs, bool bias) =>
            new(source.Take($"{name}.weight", outputs, inputs), bias ? source.Take($"{name}.bias", outputs) : null);
    }
}
