using System.Text;
using System.Text.Json;
using Splitwiser.Models.Chat.Values;
using Splitwiser.Models.Tokenization;

namespace Splitwiser.Models.Chat;

/// <summary>Where a model folder keeps its chat templates and the special tokens that they use.</summary>
internal sealed class TemplateFolder(string folder)
{
    private static readonly string[] tokenNames =
        ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    /// <summary>
    /// The templates: chat_template.jinja and additional_chat_templates/*.jinja, or else "chat_template" of tokenizer_config.json, or
    /// else chat_template.json; a text, or a list of named ones.
    /// </summary>
    public IReadOnlyList<TemplateSource> Templates()
    {
        var files = JinjaFiles().ToList();
        if (files.Count > 0)
            return files;
        if (Read("tokenizer_config.json")?.Member("chat_template") is { } configured)
            return Named("tokenizer_config.json", configured).ToList();
        if (Read("chat_template.json") is not { } own)
            return [];
        return Named("chat_template.json", own.Element.ValueKind == JsonValueKind.Object ? own["chat_template"] : own).ToList();
    }

    /// <summary>The special tokens by the names that templates use.</summary>
    public IReadOnlyDictionary<string, Value> SpecialTokens()
    {
        var tokens = new Dictionary<string, Value>();
        foreach (var file in (string[])["special_tokens_map.json", "tokenizer_config.json"])
        {
            if (Read(file) is not { } root)
                continue;
            foreach (var name in tokenNames)
            {
                if (root.Member(name) is { } token)
                    tokens[name] = Content(token);
            }

            if (root.Member("additional_special_tokens") is { } more)
                tokens["additional_special_tokens"] = new ListValue([.. more.Items().Select(Content)]);
            if (root.Member("extra_special_tokens") is not { Element.ValueKind: JsonValueKind.Object } extra)
                continue;
            foreach (var (name, token) in extra.Members())
                tokens[name] = Content(token);
        }

        return tokens;
    }

    // A token is a text, or an object with its text in "content".
    private static StringValue Content(JsonPart token) => new((token.Element.ValueKind == JsonValueKind.Object ? token["content"] : token).Text());

    /// <summary>A template in a file of its own.</summary>
    public static TemplateSource Jinja(string name, string file) => new(name, file, Encoding.UTF8.GetString(Bytes(file)));

    private IEnumerable<TemplateSource> JinjaFiles()
    {
        var main = Path.Combine(folder, "chat_template.jinja");
        if (File.Exists(main))
            yield return Jinja(TemplateSource.Default, main);
        var more = Path.Combine(folder, "additional_chat_templates");
        if (!Directory.Exists(more))
            yield break;
        foreach (var file in Directory.EnumerateFiles(more, "*.jinja").Order(StringComparer.Ordinal))
            yield return Jinja(Path.GetFileNameWithoutExtension(file), file);
    }

    private IEnumerable<TemplateSource> Named(string file, JsonPart templates)
    {
        var path = Path.Combine(folder, file);
        return templates.Element.ValueKind == JsonValueKind.Array
            ? templates.Items().Select(item => new TemplateSource(item["name"].Text(), path, item["template"].Text()))
            : [new TemplateSource(TemplateSource.Default, path, templates.Text())];
    }

    // Nothing where there is no such file.
    private JsonPart? Read(string name)
    {
        var path = Path.Combine(folder, name);
        try
        {
            return File.Exists(path) ? new JsonPart(path, JsonElement.Parse(Bytes(path))) : null;
        }
        catch (JsonException e)
        {
            throw new ModelFormatException(path, "$", "JSON", e.Message, e);
        }
    }

    private static byte[] Bytes(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFormatException(path, "$", "a file that can be read", e.Message, e);
        }
    }
}
