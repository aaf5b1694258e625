using System.Text.Json;

namespace Splitwiser.Models.Tokenization;

/// <summary>What tokenizer_config.json, or else special_tokens_map.json, says of a folder's tokenizer.</summary>
internal sealed class TokenizerSettings
{
    private readonly JsonFields? config, special;

    /// <exception cref="ModelFormatException">A file is broken.</exception>
    public TokenizerSettings(string folder)
    {
        config = Find("tokenizer_config.json");
        special = Find("special_tokens_map.json");

        JsonFields? Find(string name) => Path.Combine(folder, name) is var file && File.Exists(file) ? JsonFields.Read(file) : null;
    }

    /// <summary>The name of transformers' class; null where none is named.</summary>
    public string? Class => config?.FindText("tokenizer_class");

    /// <summary>Tokens by their ids.</summary>
    public JsonFields? AddedTokens => config?.FindObject("added_tokens_decoder");

    /// <summary>A null is false, as in Python.</summary>
    public bool Flag(string name, bool ifAbsent) => config is null || config.IsAbsent(name) ? ifAbsent : config.Flag(name, false);

    /// <summary>A string, or an object with the content; null is none.</summary>
    public string? SpecialToken(string name, string? ifAbsent)
    {
        foreach (var fields in new[] { config, special })
        {
            if (fields is null || fields.IsAbsent(name))
                continue;
            var found = fields.All().First(field => field.Name == name).Value;
            return found.ValueKind switch
            {
                JsonValueKind.Null => null,
                JsonValueKind.Object => fields.Object(name, found).FindText("content"),
                _ => fields.Text(name, found),
            };
        }
        return ifAbsent;
    }

    public ModelFormatException Wrong(string name, string expected, string found) =>
        config?.Wrong(name, expected, found) ?? special?.Wrong(name, expected, found) ?? throw new InvalidOperationException("Neither file is there.");
}
