using System.Text;
using System.Text.Json;
using Splitwiser.Models.Chat.Library;
using Splitwiser.Models.Chat.Statements;
using Splitwiser.Models.Chat.Syntax;
using Splitwiser.Models.Chat.Values;

namespace Splitwiser.Models.Chat;

/// <summary>
/// A model's chat template (Jinja, as transformers renders it): makes one prompt text of a conversation. Safe for use by many
/// threads at once.
/// </summary>
public sealed class ChatTemplate
{
    private const string ForTools = "tool_use";
    private readonly Dictionary<string, (string Source, string Text, Block Body)> templates = [];
    private readonly IReadOnlyDictionary<string, Value> specialTokens;
    private readonly TimeProvider clock;

    private ChatTemplate(IEnumerable<TemplateSource> sources, IReadOnlyDictionary<string, Value> specialTokens, TimeProvider clock)
    {
        this.specialTokens = specialTokens;
        this.clock = clock;
        foreach (var (name, source, text) in sources)
        {
            try
            {
                templates[name] = (source, text, TemplateParser.Parse(text));
            }
            catch (SyntaxError e)
            {
                throw new ChatTemplateException(source, e.Line, e.Message, e);
            }
        }
    }

    /// <summary>Reads the templates of a model folder; null where it has none.</summary>
    /// <param name="modelFolder">With chat_template.jinja, tokenizer_config.json or chat_template.json in it.</param>
    /// <param name="clock">What strftime_now reads; the system's clock if not given.</param>
    /// <exception cref="ChatTemplateException">A file is malformed, or a template uses what is not served.</exception>
    public static ChatTemplate? Load(string modelFolder, TimeProvider? clock = null)
    {
        var folder = new TemplateFolder(modelFolder);
        return Load(folder, folder.Templates, clock);
    }

    /// <summary>Reads a template from a file of its own, for a model folder, whose special tokens it may use.</summary>
    /// <exception cref="ChatTemplateException">A file can't be read or is malformed, or the template uses what is not served.</exception>
    public static ChatTemplate LoadFile(string file, string modelFolder, TimeProvider? clock = null) =>
        Load(new TemplateFolder(modelFolder), () => [TemplateFolder.Jinja(TemplateSource.Default, file)], clock)!;

    /// <summary>A template without a folder around it.</summary>
    /// <exception cref="ChatTemplateException">It is malformed or uses what is not served.</exception>
    public static ChatTemplate Parse(string template, TimeProvider? clock = null) =>
        new([new TemplateSource(TemplateSource.Default, "template", template)], new Dictionary<string, Value>(), clock ?? TimeProvider.System);

    /// <summary>Whether a template has these words in its source: they tell a family's way to write from another's.</summary>
    public bool Mentions(string words) => templates.Values.Any(template => template.Text.Contains(words, StringComparison.Ordinal));

    /// <summary>The prompt text of a conversation.</summary>
    /// <param name="messages">An array of messages, as chat APIs write them ("role", "content", "tool_calls", ...).</param>
    /// <param name="tools">An array of tool descriptions, if the model may call tools.</param>
    /// <param name="addGenerationPrompt">Whether the text ends where the assistant's answer begins.</param>
    /// <param name="variables">More variables for the template, such as "enable_thinking" or "date_string".</param>
    /// <exception cref="ChatRefusedException">The template refuses these messages.</exception>
    /// <exception cref="ChatTemplateException">The template fails on these messages.</exception>
    public string Render(
        JsonElement messages, JsonElement? tools = null, bool addGenerationPrompt = true, IReadOnlyDictionary<string, JsonElement>? variables = null)
    {
        var hasTools = tools is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) };
        var (source, _, body) = Pick(hasTools);
        var state = new RenderState(clock);
        try
        {
            var scope = new Scope(state, Globals.For(state)).Inner();
            scope.Set("messages", JsonValues.Read(messages));
            scope.Set("tools", hasTools ? JsonValues.Read(tools!.Value) : NoneValue.Instance);
            scope.Set("documents", NoneValue.Instance);
            scope.Set("add_generation_prompt", BoolValue.Of(addGenerationPrompt));
            foreach (var (name, value) in specialTokens)
                scope.Set(name, value);
            foreach (var (name, value) in variables ?? new Dictionary<string, JsonElement>())
                scope.Set(name, JsonValues.Read(value));
            var output = new StringBuilder();
            body.Execute(scope, output);
            return output.ToString();
        }
        catch (TemplateError e)
        {
            throw new ChatTemplateException(source, state.Line, e.Message, e);
        }
    }

    private static ChatTemplate? Load(TemplateFolder folder, Func<IReadOnlyList<TemplateSource>> find, TimeProvider? clock)
    {
        try
        {
            var sources = find();
            return sources.Count == 0 ? null : new ChatTemplate(sources, folder.SpecialTokens(), clock ?? TimeProvider.System);
        }
        catch (ModelFormatException e)
        {
            throw new ChatTemplateException(e.File, 0, $"{e.Subject}: expected {e.Expected}, found {e.Found}", e);
        }
    }

    // With several templates, the one for tools where there are tools, else the default one.
    private (string Source, string Text, Block Body) Pick(bool hasTools)
    {
        if (hasTools && templates.TryGetValue(ForTools, out var forTools))
            return forTools;
        return templates.TryGetValue(TemplateSource.Default, out var standard)
            ? standard
            : throw new ChatTemplateException(
                templates.Values.First().Source, 0, $"no template named \"{TemplateSource.Default}\" among {string.Join(", ", templates.Keys)}");
    }
}
