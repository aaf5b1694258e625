using System.Collections.Immutable;
using System.Text.Json;
using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Http;

/// <summary>The tools that a chat offers to the model.</summary>
/// <param name="Described">What the template gets: an array; null when no tool may be called.</param>
/// <param name="Names">Functions that may be called.</param>
/// <param name="Parallel">More than one call in an answer is wanted.</param>
internal sealed record ChatTools(JsonElement? Described, ImmutableArray<string> Names, bool Parallel)
{
    private const int LongestName = 64;

    private static readonly ChatTools None = new(null, [], true);

    /// <exception cref="ApiException">400 that names the field at fault.</exception>
    public static ChatTools Of(ChatRequest asked)
    {
        var tools = asked.Tools ?? [];
        var names = tools.Select((tool, index) => NameOf(tool, $"tools[{index}]")).ToImmutableArray();
        if (names.Distinct().Count() < names.Length)
            throw ApiException.Invalid("tools: two functions have the same name.", "tools");
        return IsWanted(asked.ToolChoice, names)
            ? new(WireText.Element(tools, WireJson.Default.JsonElementArray, "tools"), names, asked.ParallelToolCalls ?? true)
            : None;
    }

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

    /// <summary>False for "none", and when there are no tools.</summary>
    private static bool IsWanted(JsonElement? choice, ImmutableArray<string> names)
    {
        if (choice is not { ValueKind: not JsonValueKind.Null } chosen || IsText(chosen, "auto"))
            return !names.IsEmpty;
        if (IsText(chosen, "none"))
            return false;
        if (names.IsEmpty)
            throw ApiException.Invalid("tool_choice: there are no tools to choose from.", "tool_choice");
        if (IsText(chosen, "required"))
            throw NotForced("\"required\"");
        if (chosen.ValueKind == JsonValueKind.Object && chosen.TryGetProperty("function", out var function) && function.ValueKind == JsonValueKind.Object
            && function.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String)
        {
            throw names.Any(known => IsText(name, known))
                ? NotForced("a named function")
                : ApiException.Invalid("tool_choice: no tool has that name.", "tool_choice");
        }

        throw ApiException.Invalid("tool_choice: expected \"none\", \"auto\", \"required\" or {\"type\": \"function\", \"function\": {\"name\": ...}}.", "tool_choice");
    }

    private static ApiException NotForced(string choice) =>
        ApiException.Invalid($"tool_choice: {choice} is not served; the model decides by itself (\"auto\").", "tool_choice", "unsupported_parameter");

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
