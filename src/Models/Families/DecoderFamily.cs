using Splitwiser.Models.Checkpoints;

namespace Splitwiser.Models.Families;

/// <summary>One family of decoders: how its config.json reads and under which names its tensors lie in a checkpoint.</summary>
/// <param name="modelType">model_type in config.json.</param>
/// <param name="architecture">The entry of architectures in config.json.</param>
internal abstract class DecoderFamily(ModelFamily id, string modelType, string architecture)
{
    private static readonly DecoderFamily[] All = [new LlamaFamily(), new MistralFamily(), new Qwen2Family(), new Qwen3Family()];

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

    /// <exception cref="ModelFormatException">A field is missing, impossible, or asks for arithmetic that isn't supported.</exception>
    public abstract ModelConfig ReadConfig(JsonFields config);

    /// <summary>Takes every tensor of the model; the weights own the source from then on.</summary>
    public abstract DecoderWeights Take(ITensorSource source, ModelConfig config);
}
