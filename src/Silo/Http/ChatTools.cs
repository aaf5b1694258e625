using System.Collections.Immutable;
using System.Text.Json;
using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Http;

/// <summary>The tools that a chat offers to the model.</summary>
/// <param name="Described">What the template gets: an array; null when no tool may be called.</param>
/// <param name="Names">Functions that may be called.</param>
/// <param name="Parallel">More than one call in an answer is wanted.</param>
/// <param name="Choice">Whether the model must call.</param>
internal sealed record ChatTools(JsonElement? Described, ImmutableArray<string> Names, bool Parallel, ToolChoice Choice)
{
    private const int LongestName = 64;

    private static readonly ChatTools None = new(null, [], true, ToolChoice.Auto);

    /// <exception cref="ApiException">400 that names the field at fault.</exception>
    public static ChatTools Of(ChatRequest asked)
    {
        var tools = asked.Tools ?? [];
        var names = tools.Select((tool, index) => NameOf(tool, $"tools[{index}]")).ToImmutableArray();
        if (names.Distinct().Count() < names.Length)
            throw ApiException.Invalid("tools: two functions have the same name.", "tools");
        if (ChoiceOf(asked.ToolChoice, names, out var named) is not { } choice)
            return None;
        var parallel = choice != ToolChoice.Named && (asked.ParallelToolCalls ?? true);
        return new(WireText.Element(tools, WireJson.Default.JsonElementArray, "tools"), named is null ? names : [named], parallel, choice);
    }

    /// <summary>The functions that an answer must call, with the schemas of their arguments.</summary>
    public ImmutableArray<(string Name, string? Schema)> Functions() =>
    [
        .. from tool in Described!.Value.EnumerateArray()
           let function = tool.GetProperty("function")
           let name = function.GetProperty("name").GetString()!
           where Names.Contains(name)
           select (name, function.TryGetProperty("parameters", out var schema) && schema.ValueKind == JsonValueKind.Object ? schema.GetRawText() : null),
    ];

    private static string NameOf(JsonElement tool, string field)
    {
        if (tool.ValueKind != JsonValueKind.Object || !tool.TryGetProperty("type", out var type) || !IsText(type, "function"))
            throw ApiException.Invalid($"{field}.type: only tools of type 'function' are served.", $"{field}.type");
        if (!tool.TryGetProperty("function", out var function) || function.ValueKind != JsonValueKind.Object)
            throw ApiException.Invalid($"{field}.function: expected an object.", $"{field}.function");
        if (!function.TryGetProperty("name", out var name) || name.ValueKind != JsonValueKind.String || !IsName(name.GetRawText().AsSpan()[1..^1]))
            throw ApiException.Invalid($"{field}.function.name: expected 1 to {LongestName} letters, digits, underscores, dots or dashes.", $"{field}.function.name");
        if (function.TryGetProperty("parameters", out var parameters) && parameters.ValueKind is not (JsonValueKind.Object or JsonValueKind.Null))
            throw ApiException.Invalid($"{field}.function.parameters: expected a JSON schema.", $"{field}.function.parameters");
        return name.GetString()!;
    }

    /// <summary>Null for "none", and when there are no tools.</summary>
    /// <param name="named">The one function that must be called.</param>
    private static ToolChoice? ChoiceOf(JsonElement? choice, ImmutableArray<string> names, out string? named)
    {
        named = null;
        if (choice is not { ValueKind: not JsonValueKind.Null } chosen || IsText(chosen, "auto"))
            return names.IsEmpty ? null : ToolChoice.Auto;
        if (IsText(chosen, "none"))
            return null;
        if (names.IsEmpty)
            throw ApiException.Invalid("tool_choice: there are no tools to choose from.", "tool_choice");
        if (IsText(chosen, "required"))
            return ToolChoice.Required;
        if (chosen.ValueKind == JsonValueKind.Object && chosen.TryGetProperty("function", out var function) && function.ValueKind == JsonValueKind.Object
            && function.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String)
        {
            named = names.FirstOrDefault(known => IsText(name, known)) ?? throw ApiException.Invalid("tool_choice: no tool has that name.", "tool_choice");
            return ToolChoice.Named;
        }

        throw ApiException.Invalid("tool_choice: expected \"none\", \"auto\", \"required\" or {\"type\": \"function\", \"function\": {\"name\": ...}}.", "tool_choice");
    }

    private static bool IsText(JsonElement value, string text) => value.ValueKind == JsonValueKind.String && value.ValueEquals(text);

    private static bool IsName(ReadOnlySpan<char> name)
    {
        foreach (var character in name)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('_' or '-' or '.'))
                return false;
        }

        return name.Length is > 0 and <= LongestName;
    }
}

/// <summary>Whether a model that may call must.</summary>
internal enum ToolChoice
{
    Auto,

    /// <summary>At least one call of any function.</summary>
    Required,

    /// <summary>One call of one function.</summary>
    Named,
}
