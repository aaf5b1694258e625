using System.Text;
using Splitwiser.Models.Tokenization;

namespace Splitwiser.Models.Tests.Tokenization;

/// <summary>A tokenizer.json that can be worked out by hand, put together from its parts.</summary>
internal sealed record SmallTokenizer
{
    public string AddedTokens { get; init; } = "[]";

    public string Normalizer { get; init; } = "null";

    public string PreTokenizer { get; init; } = "null";

    public string PostProcessor { get; init; } = "null";

    public string Decoder { get; init; } = "null";

    /// <summary>More options of the model, each with a comma behind it.</summary>
    public string ModelOptions { get; init; } = "";

    public string Vocabulary { get; init; } = """{"<unk>":0}""";

    public string Merges { get; init; } = "[]";

    public string Json => $$"""
        {"version":"1.0","added_tokens":{{AddedTokens}},"normalizer":{{Normalizer}},"pre_tokenizer":{{PreTokenizer}},
         "post_processor":{{PostProcessor}},"decoder":{{Decoder}},
         "model":{"type":"BPE",{{ModelOptions}}"vocab":{{Vocabulary}},"merges":{{Merges}} } }
        """;

    public Tokenizer Load() => Tokenizer.Read("small.json", Encoding.UTF8.GetBytes(Json));

    /// <summary>Encodes and names the tokens.</summary>
    public string[] Tokens(string text)
    {
        var tokenizer = Load();
        return [.. tokenizer.Encode(text).Select(id => tokenizer.TokenText(id)!)];
    }

    /// <summary>A vocabulary of the given tokens, numbered from 0.</summary>
    public static string Numbered(params string[] tokens) =>
        System.Text.Json.JsonSerializer.Serialize(tokens.Select((token, id) => (token, id)).ToDictionary(pair => pair.token, pair => pair.id));
}
