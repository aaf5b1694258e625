using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Splitwiser.Models.Tokenization;

/// <summary>A value in tokenizer.json that knows its file and path, so that whatever is wrong with it can be said exactly.</summary>
internal readonly struct JsonPart(string file, string parent, string? name, int index, JsonElement element)
{
    public JsonPart(string file, JsonElement root)
        : this(file, "$", null, -1, root)
    {
    }

    public JsonElement Element => element;

    /// <summary>Put together only when it is asked for: a vocabulary has hundreds of thousands of members.</summary>
    public string Path => name is not null ? $"{parent}.{name}" : index >= 0 ? $"{parent}[{index}]" : parent;

    /// <summary>A member that must be there.</summary>
    public JsonPart this[string member] => Member(member) ?? throw Broken($"{Path}.{member}", "a value", "nothing");

    /// <summary>The member, or nothing where it is absent or null.</summary>
    public JsonPart? Member(string member)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw Wrong("an object");
        return element.TryGetProperty(member, out var value) && value.ValueKind != JsonValueKind.Null
            ? new JsonPart(file, Path, member, -1, value)
            : null;
    }

    public string Text()
    {
        if (element.ValueKind != JsonValueKind.String)
            throw Wrong("a string");
        return Whole(element, static element => element.GetString()!);
    }

    public bool Flag() => element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong("true or false"),
    };

    /// <summary>A count or a token id: not negative, and small enough to be counted past.</summary>
    public int Count() => element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var value) && value is >= 0 and < int.MaxValue
        ? value
        : throw Wrong("a whole number from 0 to 2147483646");

    /// <summary>A string of exactly one character.</summary>
    public string Character()
    {
        var text = Text();
        var whole = Rune.DecodeFromUtf16(text, out _, out var length) == OperationStatus.Done;
        return whole && length == text.Length ? text : throw Wrong("a string of one character");
    }

    public IEnumerable<JsonPart> Items()
    {
        if (element.ValueKind != JsonValueKind.Array)
            throw Wrong("an array");
        return Enumerate(file, Path, element);

        static IEnumerable<JsonPart> Enumerate(string file, string path, JsonElement array)
        {
            var index = 0;
            foreach (var item in array.EnumerateArray())
                yield return new JsonPart(file, path, null, index++, item);
        }
    }

    public IEnumerable<(string Name, JsonPart Value)> Members()
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw Wrong("an object");
        return Enumerate(this, file, Path, element);

        static IEnumerable<(string, JsonPart)> Enumerate(JsonPart whole, string file, string path, JsonElement members)
        {
            foreach (var member in members.EnumerateObject())
            {
                var name = whole.Whole(member, static member => member.Name);
                yield return (name, new JsonPart(file, path, name, -1, member.Value));
            }
        }
    }

    /// <summary>The place alone, for an error that shows only in use: it does not keep the document alive.</summary>
    public JsonPart Place() => new(file, Path, null, -1, default);

    public ModelFormatException Wrong(string expected) => Broken(Path, expected, Describe(element));

    public ModelFormatException Wrong(string expected, string found) => Broken(Path, expected, found);

    private string Whole<T>(T source, Func<T, string> read)
    {
        try
        {
            return read(source);
        }
        catch (InvalidOperationException)
        {
            throw Wrong("text of whole Unicode characters", "half a surrogate pair"); // in an escape: JSON itself allows it
        }
    }

    private ModelFormatException Broken(string where, string expected, string found) => new(file, where, expected, found);

    private static string Describe(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => $"an array of {element.GetArrayLength()}",
        _ => Shorten(element.GetRawText()),
    };

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..77] + "...";
}
