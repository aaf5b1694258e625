using System.Collections.Immutable;
using Splitwiser.Models.Checkpoints;

namespace Splitwiser.Models.Families;

/// <summary>
/// What Llama and its kin share: RMSNorm, rotary attention with grouped heads, a gated MLP, Llama's tensor names. Absent
/// fields mean what the family's class in transformers makes of them; the five sizes that make a model have no default.
/// </summary>
internal abstract class LlamaLikeFamily(
    ModelFamily id, string modelType, string architecture, int maxPositions, int? bos = null, int? eos = null, bool tied = false, double epsilon = 1e-6)
    : DecoderFamily(id, modelType, architecture)
{
    public override ModelConfig ReadConfig(JsonFields config)
    {
        RefuseQuantized(config);
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
        var rope = ReadRope(config, positions, headSize);
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
            MaxPositions = rope.MaxPositions(positions),
            NormEpsilon = (float)(config.FindNumber("rms_norm_eps", 0, 1) ?? epsilon),
            Rope = rope,
            Activation = ReadActivation(config, ActivationName, DefaultActivation),
            TiedEmbeddings = config.Flag("tie_word_embeddings", tied),
            BosTokenId = FirstTokenId(config, "bos_token_id", vocabulary, bos),
            EosTokenIds = config.TokenIds("eos_token_id", vocabulary, eos),
        };
    }

    public override DecoderWeights Take(ITensorSource source, ModelConfig config)
    {
        var prefix = Prefix(source, "embed_tokens.weight", "model.", "");
        var embedding = source.Take($"{prefix}embed_tokens.weight", config.VocabularySize, config.HiddenSize);
        return new DecoderWeights(source)
        {
            Config = config,
            Embedding = embedding,
            Layers = [.. Enumerable.Range(0, config.LayerCount).Select(layer => TakeLayer(source, config, $"{prefix}layers.{layer}"))],
            FinalNorm = TakeNorm(source, $"{prefix}norm", config.HiddenSize),
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

    protected virtual LayerWeights TakeLayer(ITensorSource source, ModelConfig config, string layer)
    {
        var (attention, mlp) = ($"{layer}.self_attn", $"{layer}.mlp");
        var (query, key, value) = TakeQkv(source, config, attention);
        var (gate, up) = TakeGateUp(source, config, mlp);
        return new LayerWeights
        {
            AttentionNorm = TakeNorm(source, $"{layer}.input_layernorm", config.HiddenSize),
            Query = query,
            Key = key,
            Value = value,
            Output = TakeLinear(source, $"{attention}.o_proj", config.HiddenSize, config.QuerySize, config.OutputBias),
            QueryNorm = config.QkNorm ? source.Take($"{attention}.q_norm.weight", config.HeadSize) : null,
            KeyNorm = config.QkNorm ? source.Take($"{attention}.k_norm.weight", config.HeadSize) : null,
            MlpNorm = TakeNorm(source, $"{layer}.{MlpNormName}", config.HiddenSize),
            Gate = gate,
            Up = up,
            Down = TakeLinear(source, $"{mlp}.down_proj", config.HiddenSize, config.IntermediateSize, config.MlpBias),
        };
    }

    protected virtual string MlpNormName => "post_attention_layernorm";
    protected virtual string ActivationName => "hidden_act";
    protected virtual Activation DefaultActivation => Activation.Silu;

    protected virtual RopeConfig ReadRope(JsonFields config, int maxPositions, int headSize) => RopeFields.Read(config, maxPositions, headSize);

    protected virtual (Linear Query, Linear Key, Linear Value) TakeQkv(ITensorSource source, ModelConfig config, string attention) => (
        TakeLinear(source, $"{attention}.q_proj", config.QuerySize, config.HiddenSize, config.QkvBias),
        TakeLinear(source, $"{attention}.k_proj", config.KvSize, config.HiddenSize, config.QkvBias),
        TakeLinear(source, $"{attention}.v_proj", config.KvSize, config.HiddenSize, config.QkvBias));

    protected virtual (Linear Gate, Linear Up) TakeGateUp(ITensorSource source, ModelConfig config, string mlp) => (
        TakeLinear(source, $"{mlp}.gate_proj", config.IntermediateSize, config.HiddenSize, config.MlpBias),
        TakeLinear(source, $"{mlp}.up_proj", config.IntermediateSize, config.HiddenSize, config.MlpBias));
}
