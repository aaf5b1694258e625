using Splitwiser.Models.Checkpoints;

namespace Splitwiser.Models.Families;

/// <summary>One family of decoders: how its config.json reads and under which names its tensors lie in a checkpoint.</summary>
/// <param name="modelType">model_type in config.json.</param>
/// <param name="architecture">The entry of architectures in config.json.</param>
internal abstract class DecoderFamily(ModelFamily id, string modelType, string architecture)
{
    protected const int MostSize = 1 << 24;       // of one dimension: far over any model, far under overflow
    protected const int MostLayers = 4096;

    private static readonly DecoderFamily[] All =
        [new LlamaFamily(), new MistralFamily(), new Qwen2Family(), new Qwen3Family(), new Phi3Family(), new Gemma2Family(), new Gpt2Family(), new OptFamily()];

    /// <summary>The family that both architectures and model_type name; either may be absent, not both.</summary>
    public static DecoderFamily Of(JsonFields config)
    {
        var type = config.FindText("model_type");
        var architectures = config.FindTexts("architectures") ?? [];
        var families = All.Where(family => type is null || type == family.Type).ToArray();
        if (families is [])
            throw config.Wrong("model_type", "one of " + string.Join(", ", All.Select(family => family.Type)), type!);
        if (architectures is [])
            return type is not null ? families[0] : throw config.Wrong("model_type", "a model type", "neither it nor architectures");
        return families.SingleOrDefault(family => architectures is [var only] && only == family.Architecture)
            ?? throw config.Wrong("architectures", "one of " + string.Join(", ", families.Select(family => family.Architecture)), string.Join(", ", architectures));
    }

    protected ModelFamily Id => id;
    private string Type => modelType;
    private string Architecture => architecture;

    /// <summary>Folders without tokenizer.json have GPT-2's vocab.json and merges.txt.</summary>
    public virtual bool HasGpt2Tokenizer => false;

    /// <exception cref="ModelFormatException">A field is missing, impossible, or asks for arithmetic that isn't supported.</exception>
    public abstract ModelConfig ReadConfig(JsonFields config);

    /// <summary>Takes every tensor of the model; the weights own the source from then on.</summary>
    public abstract DecoderWeights Take(ITensorSource source, ModelConfig config);

    /// <summary>Weights are stored as plain floats.</summary>
    protected static void RefuseQuantized(JsonFields config)
    {
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

    /// <summary>An activation by one of transformers' names for it.</summary>
    protected static Activation ReadActivation(JsonFields config, string name, Activation ifAbsent) => config.FindText(name) switch
    {
        null => ifAbsent,
        "silu" or "swish" => Activation.Silu,
        "gelu_new" or "gelu_fast" or "gelu_pytorch_tanh" or "gelu_accurate" or "gelu_python_tanh" => Activation.GeluTanh,
        "gelu" or "gelu_python" => Activation.Gelu,
        "relu" => Activation.Relu,
        var other => throw config.Wrong(name, "silu, gelu_pytorch_tanh, gelu or relu", other),
    };

    /// <summary>A setting that changes the arithmetic to something that isn't done here.</summary>
    protected static void RefuseFlag(JsonFields config, string name)
    {
        if (config.Flag(name, false))
            throw config.Wrong(name, "false, for this model_type", "true");
    }

    protected static int HeadSizeOf(JsonFields config, string headsName, string hiddenName, int hidden, int heads) => hidden % heads == 0
        ? hidden / heads
        : throw config.Wrong(headsName, $"a divisor of {hiddenName}, {hidden}", $"{heads}");

    protected static int? FirstTokenId(JsonFields config, string name, int vocabulary, int? ifAbsent) =>
        config.TokenIds(name, vocabulary, ifAbsent) is [var first, ..] ? first : null;

    /// <summary>What the tensors' names begin with: the first prefix under which the probe is there. Base models are saved without the head's prefix.</summary>
    protected static string Prefix(ITensorSource source, string probe, params ReadOnlySpan<string> prefixes)
    {
        foreach (var prefix in prefixes)
        {
            if (source.Has(prefix + probe))
                return prefix;
        }
        return prefixes[0];
    }

    protected static Linear TakeLinear(ITensorSource source, string name, int outputs, int inputs, bool bias) =>
        new(source.Take($"{name}.weight", outputs, inputs), bias ? source.Take($"{name}.bias", outputs) : null);

    protected static Norm TakeNorm(ITensorSource source, string name, int size, bool bias = false) =>
        new(source.Take($"{name}.weight", size), bias ? source.Take($"{name}.bias", size) : null);

    protected static Tensor TakeHead(ITensorSource source, ModelConfig config, Tensor embedding)
    {
        // As in transformers a head in the checkpoint counts even where the config says tied.
        const string name = "lm_head.weight";
        return config.TiedEmbeddings
            ? source.Find(name, config.VocabularySize, config.EmbeddingSize) ?? embedding
            : source.Take(name, config.VocabularySize, config.EmbeddingSize);
    }
}
