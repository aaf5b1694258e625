using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Unicode;

namespace Splitwiser.Models;

/// <summary>
/// The fields of a JSON object in a model file, each checked as it is read: a wrong type or an impossible value is a
/// <see cref="ModelFormatException"/> that names file and field. A field that is null counts as absent.
/// </summary>
/// <param name="file">Path for messages.</param>
/// <param name="path">Names of the enclosing objects, each followed by a dot; empty at the root.</param>
internal sealed class JsonFields(string file, string path, JsonElement value)
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Reads a small file (64 MiB at most) that holds one object.</summary>
    public static JsonFields Read(string file)
    {
        const int most = 64 << 20;
        try
        {
            var length = new FileInfo(file).Length;
            if (length > most)
                throw new ModelFormatException(file, "size", $"at most {most} bytes", $"{length}");
            return Parse(file, "content", File.ReadAllBytes(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFormatException(file, "file", "a readable file", e.Message, e);
        }
    }

    /// <param name="part">What the bytes are of the file, for messages.</param>
    public static JsonFields Parse(string file, string part, ReadOnlySpan<byte> utf8)
    {
        if (!Utf8.IsValid(utf8))
            throw new ModelFormatException(file, part, "UTF-8 text", "bytes that are not");
        try
        {
            var root = JsonElement.Parse(utf8, Strict);
            return root.ValueKind == JsonValueKind.Object
                ? new JsonFields(file, "", root)
                : throw new ModelFormatException(file, part, "a JSON object", Describe(root));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)   // the latter for a name that is half a surrogate pair
        {
            throw new ModelFormatException(file, part, "valid JSON without repeated names", e.Message, e);
        }
    }

    public bool IsEmpty => !value.EnumerateObject().Any();

    public bool IsAbsent(string name) => !value.TryGetProperty(name, out _);

    public bool Has(string name) => Find(name) is not null;

    public int Int(string name, int least, int most) => FindInt(name, least, most) ?? throw Missing(name, $"an integer from {least} to {most}");

    public int? FindInt(string name, int least, int most) => Find(name) is { } found
        ? found.ValueKind == JsonValueKind.Number && found.TryGetInt32(out var number) && number >= least && number <= most
            ? number
            : throw Wrong(name, $"an integer from {least} to {most}", found)
        : null;

    public double Number(string name, double least, double most) => FindNumber(name, least, most) ?? throw Missing(name, $"a number from {least} to {most}");

    public double? FindNumber(string name, double least, double most) => Find(name) is { } found
        ? found.ValueKind == JsonValueKind.Number && found.TryGetDouble(out var number) && number >= least && number <= most
            ? number
            : throw Wrong(name, $"a number from {least} to {most}", found)
        : null;

    public bool Flag(string name, bool ifAbsent) => Find(name) is { } found
        ? found.ValueKind is JsonValueKind.True or JsonValueKind.False ? found.GetBoolean() : throw Wrong(name, "true or false", found)
        : ifAbsent;

    public string? FindText(string name) => Find(name) is { } found ? Text(name, found) : null;

    /// <summary>A list of strings; null when absent.</summary>
    public ImmutableArray<string>? FindTexts(string name)
    {
        if (Find(name) is not { } found)
            return null;
        if (found.ValueKind != JsonValueKind.Array)
            throw Wrong(name, "a list of strings", found);
        return [.. found.EnumerateArray().Select(item => Text(name, item))];
    }

    public JsonFields? FindObject(string name) => Find(name) is { } found ? Object(name, found) : null;

    /// <summary>A list of integers from 0 to 2^63 - 1, which must be there.</summary>
    public long[] Longs(string name)
    {
        if (Find(name) is not { ValueKind: JsonValueKind.Array } found)
            throw Wrong(name, "a list of integers", value.TryGetProperty(name, out var other) ? Describe(other) : "nothing");
        var numbers = new long[found.GetArrayLength()];
        var at = 0;
        foreach (var item in found.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out numbers[at]) || numbers[at++] < 0)
                throw Wrong(name, "integers from 0 to 2^63 - 1", item);
        }
        return numbers;
    }

    /// <summary>A list of so many numbers, which must be there.</summary>
    public ImmutableArray<float> Singles(string name, int count, double least, double most)
    {
        if (Find(name) is not { ValueKind: JsonValueKind.Array } found)
            throw Wrong(name, $"a list of {count} numbers", value.TryGetProperty(name, out var other) ? Describe(other) : "nothing");
        if (found.GetArrayLength() != count)
            throw Wrong(name, $"a list of {count} numbers", found);
        return [.. found.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Number && item.TryGetDouble(out var number) && number >= least && number <= most
            ? (float)number
            : throw Wrong(name, $"numbers from {least} to {most}", item))];
    }

    /// <summary>
    /// A token id or a list of them, without those outside the vocabulary, which can't be sampled: some configs write -1 for none.
    /// </summary>
    public ImmutableArray<int> TokenIds(string name, int vocabularySize, int? ifAbsent = null)
    {
        if (IsAbsent(name))
            return ifAbsent < vocabularySize ? [ifAbsent.Value] : [];
        if (Find(name) is not { } found)
            return [];
        var items = found.ValueKind == JsonValueKind.Array ? [.. found.EnumerateArray()] : new[] { found };
        var ids = items.Select(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var id) ? id : throw Wrong(name, "token ids", item));
        return [.. ids.Where(id => id >= 0 && id < vocabularySize).Distinct()];
    }

    /// <summary>All fields with their names, in the file's order.</summary>
    public IEnumerable<(string Name, JsonElement Value)> All()
    {
        foreach (var property in value.EnumerateObject())
            yield return (Name(property), property.Value);
    }

    /// <summary>A field's value as an object.</summary>
    public JsonFields Object(string name, JsonElement found) =>
        found.ValueKind == JsonValueKind.Object ? new JsonFields(file, $"{path}{name}.", found) : throw Wrong(name, "an object", found);

    /// <summary>A field's value as a string.</summary>
    public string Text(string name, JsonElement found)
    {
        if (found.ValueKind != JsonValueKind.String)
            throw Wrong(name, "a string", found);
        try
        {
            return found.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new ModelFormatException(file, path + name, "a string of whole characters", Describe(found), e);
        }
    }

    public ModelFormatException Wrong(string name, string expected, string found) => new(file, path + name, expected, found);

    public ModelFormatException Wrong(string name, string expected, JsonElement found) => Wrong(name, expected, Describe(found));

    private ModelFormatException Missing(string name, string expected) => Wrong(name, expected, "nothing");

    private JsonElement? Find(string name) =>
        value.TryGetProperty(name, out var found) && found.ValueKind != JsonValueKind.Null ? found : null;

    private string Name(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException e)
        {
            throw new ModelFormatException(file, path + "(name)", "a name of whole characters", "half a surrogate pair", e);
        }
    }

    private static string Describe(JsonElement found) => found.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => $"a list of {found.GetArrayLength()}",
        _ => found.GetRawText() is { Length: > 60 } text ? text[..60] + "..." : found.GetRawText(),
    };
}
