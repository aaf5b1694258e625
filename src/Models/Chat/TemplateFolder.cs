using System.Text.Json;
using Splitwiser.Models.Chat.Values;

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
    public List<TemplateSource> Templates()
    {
        var files = JinjaFiles().ToList();
        if (files.Count > 0)
            return files;
        foreach (var name in (string[])["tokenizer_config.json", "chat_template.json"])
        {
            if (ReadJson(name) is not { } json)
                continue;
            var templates = json.ValueKind == JsonValueKind.Object && json.TryGetProperty("chat_template", out var inside) ? inside
                : name == "chat_template.json" ? json
                : default;
            if (Named(name, templates).ToList() is { Count: > 0 } found)
                return found;
        }

        return [];
    }

    /// <summary>The special tokens by the names that templates use.</summary>
    public IReadOnlyDictionary<string, Value> SpecialTokens()
    {
        var tokens = new Dictionary<string, Value>();
        foreach (var file in (string[])["special_tokens_map.json", "tokenizer_config.json"])
        {
            if (ReadJson(file) is not { ValueKind: JsonValueKind.Object } json)
                continue;
            foreach (var name in tokenNames)
            {
                if (json.TryGetProperty(name, out var token) && Content(token) is { } content)
                    tokens[name] = new StringValue(content);
            }

            if (json.TryGetProperty("additional_special_tokens", out var more) && more.ValueKind == JsonValueKind.Array)
                tokens["additional_special_tokens"] = new ListValue([.. more.EnumerateArray().Select(Content).OfType<string>().Select(text => new StringValue(text))]);
            if (json.TryGetProperty("extra_special_tokens", out var extra) && extra.ValueKind == JsonValueKind.Object)
            {
                foreach (var member in extra.EnumerateObject())
                {
                    if (Content(member.Value) is { } content)
                        tokens[member.Name] = new StringValue(content);
                }
            }
        }

        return tokens;
    }

    private IEnumerable<TemplateSource> JinjaFiles()
    {
        var main = Path.Combine(folder, "chat_template.jinja");
        if (File.Exists(main))
            yield return new TemplateSource(TemplateSource.Default, main, Read(main));
        var more = Path.Combine(folder, "additional_chat_templates");
        if (!Directory.Exists(more))
            yield break;
        foreach (var file in Directory.EnumerateFiles(more, "*.jinja").Order(StringComparer.Ordinal))
            yield return new TemplateSource(Path.GetFileNameWithoutExtension(file), file, Read(file));
    }

    private IEnumerable<TemplateSource> Named(string file, JsonElement templates)
    {
        var path = Path.Combine(folder, file);
        switch (templates.ValueKind)
        {
            case JsonValueKind.Undefined or JsonValueKind.Null:
                break;
            case JsonValueKind.String:
                yield return new TemplateSource(TemplateSource.Default, path, Text(path, templates));
                break;
            case JsonValueKind.Array:
                foreach (var item in templates.EnumerateArray())
                {
                    if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("name", out var name) || !item.TryGetProperty("template", out var text))
                        throw Wrong(path, "objects with \"name\" and \"template\" in the list", "another");
                    yield return new TemplateSource(Text(path, name), path, Text(path, text));
                }

                break;
            default:
                throw Wrong(path, "a text or a list of named ones", $"a JSON {templates.ValueKind}");
        }
    }

    // A token is a text, or an object with its text in "content".
    private static string? Content(JsonElement token) => token.ValueKind switch
    {
        JsonValueKind.String => token.GetString(),
        JsonValueKind.Object when token.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.String => content.GetString(),
        _ => null,
    };

    private static string Text(string path, JsonElement json) =>
        json.ValueKind == JsonValueKind.String ? json.GetString()! : throw Wrong(path, "a text", $"a JSON {json.ValueKind}");

    private static ModelFormatException Wrong(string path, string expected, string found, Exception? inner = null) =>
        new(path, "chat_template", expected, found, inner);

    private JsonElement? ReadJson(string name)
    {
        var path = Path.Combine(folder, name);
        if (!File.Exists(path))
            return null;
        try
        {
            return JsonElement.Parse(File.ReadAllBytes(path));
        }
        catch (JsonException e)
        {
            throw Wrong(path, "JSON", e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Wrong(path, "a file that can be read", e.Message, e);
        }
    }

    public static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Wrong(path, "a file that can be read", e.Message, e);
        }
    }
}
