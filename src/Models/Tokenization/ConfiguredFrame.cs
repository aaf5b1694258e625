namespace Splitwiser.Models.Tokenization;

/// <summary>
/// The tokens around a text where tokenizer_config.json has the say and not tokenizer.json: some of transformers' classes put their own
/// post-processor, made of add_bos_token and add_eos_token, in the place of the file's.
/// </summary>
/// <param name="Bos">Stands before a text; null for none.</param>
/// <param name="Eos">Stands behind it; null for none.</param>
internal sealed record ConfiguredFrame(string? Bos, string? Eos)
{
    // What the classes take where the folder does not say it. Those of slow tokenizers are loaded as their fast ones.
    private static readonly Dictionary<string, Defaults> Classes = new()
    {
        ["LlamaTokenizer"] = new("<s>", "</s>", AddsBos: true),
        ["CodeLlamaTokenizer"] = new("<s>", "</s>", AddsBos: true),
        ["GemmaTokenizer"] = new("<bos>", "<eos>", AddsBos: true),
        ["CohereTokenizer"] = new("<BOS_TOKEN>", "<|END_OF_TURN_TOKEN|>", AddsBos: true),
        ["GPTNeoXTokenizer"] = new("<|endoftext|>", "<|endoftext|>", AddsBos: false),
    };

    /// <summary>Null where the tokenizer.json has the say.</summary>
    /// <exception cref="ModelFormatException">A file is broken, or a token that is to be added is null.</exception>
    public static ConfiguredFrame? Find(string folder)
    {
        var settings = new TokenizerSettings(folder);
        if (settings.Class is not { } name || !Classes.TryGetValue(name.EndsWith("Fast", StringComparison.Ordinal) ? name[..^4] : name, out var by))
            return null;
        return new(Token("bos_token", by.Bos, by.AddsBos), Token("eos_token", by.Eos, false));

        string? Token(string token, string ifAbsent, bool byDefault) =>
            !settings.Flag($"add_{token}", byDefault) ? null : settings.SpecialToken(token, ifAbsent) ?? throw settings.Wrong(token, $"a token, since add_{token} is set", "null");
    }

    private sealed record Defaults(string Bos, string Eos, bool AddsBos);
}
