using Splitwiser.Models.Checkpoints;
using Splitwiser.Models.Families;
using Splitwiser.Models.Tokenization;

namespace Splitwiser.Models;

/// <summary>A Hugging Face model folder whose configuration and tokenizer were read and checked. Weights are read by <see cref="LoadWeights"/>.</summary>
public sealed class ModelFolder
{
    private readonly DecoderFamily family;

    private ModelFolder(string path)
    {
        if (!Directory.Exists(path))
            throw new ModelFormatException(path, "folder", "a model folder", "nothing");
        Path = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        var config = JsonFields.Read(FileOf("config.json"));
        family = DecoderFamily.Of(config);
        Config = family.ReadConfig(config);
        Defaults = GenerationDefaults.Read(Find("generation_config.json") is { } defaults ? JsonFields.Read(defaults) : null, Config);
        Tokenizer = Find("tokenizer.json") is { } tokenizer ? Tokenizer.Load(tokenizer, ConfiguredFrame.Find(Path)) : Gpt2Files.Find(Path, family.HasGpt2Tokenizer);
    }

    /// <summary>The full path, without a separator at the end.</summary>
    public string Path { get; }

    /// <summary>The folder's own name.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    public ModelConfig Config { get; }
    public GenerationDefaults Defaults { get; }

    /// <summary>Null without tokenizer.json, or GPT-2's vocab.json and merges.txt: the model serves token ids only.</summary>
    public Tokenizer? Tokenizer { get; }

    /// <exception cref="ModelFormatException">A file is missing, broken, or asks for something that isn't supported.</exception>
    public static ModelFolder Open(string path) => new(path);

    /// <summary>Maps and checks the checkpoint and reads it through once.</summary>
    /// <exception cref="ModelFormatException">A file or tensor is missing, broken or of the wrong shape or type.</exception>
    public DecoderWeights LoadWeights(IProgress<LoadProgress>? progress = null, CancellationToken ct = default) =>
        Load(Checkpoint.Open(Path), progress, ct);

    /// <summary>Maps and checks the checkpoint; its bytes come in when they are read. For a reader that takes each once and lets the weights go.</summary>
    /// <exception cref="ModelFormatException">A file or tensor is missing, broken or of the wrong shape or type.</exception>
    public DecoderWeights MapWeights() => Load(Checkpoint.Open(Path), null, default, readThrough: false);

    /// <summary>Weights of the config's shapes in bf16, the same for the same seed; the folder needs no checkpoint.</summary>
    /// <exception cref="InsufficientMemoryException">The model is larger than this machine's memory.</exception>
    public DecoderWeights RandomWeights(int seed, IProgress<LoadProgress>? progress = null, CancellationToken ct = default) =>
        Load(new RandomTensors(seed, Config.NormOffset), progress, ct);

    private DecoderWeights Load(ITensorSource source, IProgress<LoadProgress>? progress, CancellationToken ct, bool readThrough = true)
    {
        try
        {
            var weights = family.Take(source, Config);
            var (loaded, total) = (0L, weights.ByteCount);
            foreach (var bytes in source.Load(readThrough))
            {
                progress?.Report(new LoadProgress(loaded += bytes, total));
                ct.ThrowIfCancellationRequested();
            }
            return weights;
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    private string FileOf(string name) => System.IO.Path.Combine(Path, name);

    private string? Find(string name) => File.Exists(FileOf(name)) ? FileOf(name) : null;
}
