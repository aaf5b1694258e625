using Splitwiser.Models.Checkpoints;

namespace Splitwiser.Models.Families;

/// <summary>One family of decoders: how its config.json reads and under which names its tensors lie in a checkpoint.</summary>
/// <param name="modelType">model_type in config.json.</param>
/// <param name="architecture">The entry of architectures in config.json.</param>
internal abstract class DecoderFamily(ModelFamily id, string modelType, string architecture)
{
    private static readonly DecoderFamily[] All = [new LlamaFamily(), new MistralFamily(), new Qwen2Family(), new Qwen3Family()];

    protected ModelFamily Id => id;

    public static DecoderFamily Of(ModelFamily id) => All.Single(family => family.Is(id));

    /// <summary>The family that both architectures and model_type name; either may be absent, not both.</summary>
    public static DecoderFamily Of(JsonFields config)
    {
        var type = config.FindText("model_type");
        var architectures = config.FindTexts("architectures") ?? [];
        var byType = All.SingleOrDefault(family => family.Type == type);
        if (type is not null && byType is null)
            throw config.Wrong("model_type", "one of " + string.Join(", ", All.Select(family => family.Type)), type);
        if (architectures is [] && byType is null)
            throw config.Wrong("model_type", "a model type", "neither it nor architectures");
        var candidates = byType is null ? All : [byType];
        return architectures is []
            ? byType!
            : candidates.SingleOrDefault(family => architectures is [var only] && only == family.Architecture)
                ?? throw config.Wrong("architectures", "one of " + string.Join(", ", candidates.Select(family => family.Architecture)), string.Join(", ", architectures));
    }

    private string Type => modelType;
    private string Architecture => architecture;
    private bool Is(ModelFamily other) => id == other;

    /// <exception cref="ModelFormatException">A field is missing, impossible, or asks for arithmetic that isn't supported.</exception>
    public abstract ModelConfig ReadConfig(JsonFields config);

    /// <summary>Takes every tensor of the model; the weights own the source from then on.</summary>
    public abstract DecoderWeights Take(ITensorSource source, ModelConfig config);
}
