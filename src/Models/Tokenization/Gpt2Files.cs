using System.Text;
using System.Text.Json.Nodes;

namespace Splitwiser.Models.Tokenization;

/// <summary>
/// GPT-2's tokenizer as older folders keep it, OPT's among them: vocab.json, merges.txt, and what tokenizer_config.json or
/// special_tokens_map.json say of special tokens. Read as transformers' GPT2Tokenizer converts it to a tokenizer.json.
/// </summary>
internal sealed class Gpt2Files
{
    private const string Default = "<|endoftext|>";     // of GPT2Tokenizer, for bos, eos and unk
    private const int MostBytes = 64 << 20;

    private static readonly string[] SpecialNames = ["bos_token", "eos_token", "unk_token", "pad_token"];
    private static readonly string[] Classes = ["GPT2Tokenizer", "GPT2TokenizerFast"];

    private readonly string vocabularyFile, mergesFile;
    private readonly TokenizerSettings settings;

    private Gpt2Files(string folder)
    {
        vocabularyFile = Path.Combine(folder, "vocab.json");
        mergesFile = Path.Combine(folder, "merges.txt");
        settings = new TokenizerSettings(folder);
    }

    /// <param name="byDefault">The model's family has this tokenizer where no file names another.</param>
    /// <returns>Null when the folder has no such files, or another kind of tokenizer.</returns>
    /// <exception cref="ModelFormatException">A file is broken.</exception>
    public static Tokenizer? Find(string folder, bool byDefault)
    {
        var files = new Gpt2Files(folder);
        if (!File.Exists(files.vocabularyFile) || !File.Exists(files.mergesFile))
            return null;
        var isGpt2 = files.settings.Class is { } name ? Classes.Contains(name) : byDefault;
        return isGpt2 ? Tokenizer.Read(files.vocabularyFile, Encoding.UTF8.GetBytes(files.ToJson().ToJsonString())) : null;
    }

    private JsonObject ToJson()
    {
        var vocabulary = new JsonObject();
        foreach (var (token, id) in JsonFields.Read(vocabularyFile).All())
            vocabulary[token] = JsonNode.Parse(id.GetRawText());
        var startsWithBos = settings.Flag("add_bos_token", false);
        var bos = SpecialToken("bos_token");
        return new JsonObject
        {
            ["added_tokens"] = AddedTokens(vocabulary),
            ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = settings.Flag("add_prefix_space", false) },
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel" },
            ["post_processor"] = startsWithBos ? StartingWith(bos!, vocabulary) : null,
            ["model"] = new JsonObject { ["type"] = "BPE", ["merges"] = Merges(), ["vocab"] = vocabulary },
        };
    }

    /// <summary>The special tokens that the vocabulary has; the model has no others.</summary>
    private JsonArray AddedTokens(JsonObject vocabulary)
    {
        var tokens = new Dictionary<string, JsonObject>();
        foreach (var token in SpecialNames.Select(SpecialToken).OfType<string>())
        {
            if (vocabulary[token] is { } id)
                tokens[token] = Token(id.DeepClone(), token);
        }
        if (settings.AddedTokens is { } listed)
        {
            foreach (var (id, value) in listed.All())
            {
                var token = listed.Object(id, value);
                if (!int.TryParse(id, out var number) || number < 0 || token.FindText("content") is not { Length: > 0 } content)
                    throw listed.Wrong(id, "a token's id and content", value);
                tokens[content] = Token(number, content, token.Flag("lstrip", false), token.Flag("rstrip", false), token.Flag("special", false), token.Flag("single_word", false));
            }
        }
        return [.. tokens.Values];

        static JsonObject Token(JsonNode id, string content, bool lstrip = false, bool rstrip = false, bool special = true, bool singleWord = false) => new()
        {
            ["id"] = id, ["content"] = content, ["single_word"] = singleWord, ["lstrip"] = lstrip, ["rstrip"] = rstrip, ["normalized"] = false, ["special"] = special,
        };
    }

    private string? SpecialToken(string name) => settings.SpecialToken(name, name == "pad_token" ? null : Default);

    private JsonObject StartingWith(string token, JsonObject vocabulary)
    {
        var id = vocabulary[token] ?? throw new ModelFormatException(vocabularyFile, token, "the bos_token, since add_bos_token is set", "nothing");
        return new JsonObject
        {
            ["type"] = "TemplateProcessing",
            ["single"] = new JsonArray(
                new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = token, ["type_id"] = 0 } },
                new JsonObject { ["Sequence"] = new JsonObject { ["id"] = "A", ["type_id"] = 0 } }),
            ["special_tokens"] = new JsonObject { [token] = new JsonObject { ["id"] = token, ["ids"] = new JsonArray(id.DeepClone()), ["tokens"] = new JsonArray(token) } },
        };
    }

    /// <summary>One merge a line, best first; the first line may be the format's version.</summary>
    private JsonArray Merges()
    {
        try
        {
            if (new FileInfo(mergesFile).Length is > MostBytes and var length)
                throw new ModelFormatException(mergesFile, "size", $"at most {MostBytes} bytes", $"{length}");
            return [.. File.ReadAllText(mergesFile, new UTF8Encoding(false, throwOnInvalidBytes: true)).Split('\n').Select(line => line.TrimEnd('\r'))
                .Where(line => line.Length > 0 && !line.StartsWith("#version", StringComparison.Ordinal)).Select(line => (JsonNode)Pair(line))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            throw new ModelFormatException(mergesFile, "file", "a readable file in UTF-8", e.Message, e);
        }
    }

    private JsonArray Pair(string line) => line.Split(' ') is [{ Length: > 0 } left, { Length: > 0 } right]
        ? [left, right]
        : throw new ModelFormatException(mergesFile, "merges", "two tokens a line", line);
}
