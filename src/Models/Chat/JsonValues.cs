using System.Globalization;
using System.Text.Json;
using Splitwiser.Models.Chat.Values;

namespace Splitwiser.Models.Chat;

/// <summary>JSON as templates see it.</summary>
internal static class JsonValues
{
    public static Value Read(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => NoneValue.Instance,
        JsonValueKind.True => BoolValue.True,
        JsonValueKind.False => BoolValue.False,
        JsonValueKind.String => new StringValue(Text(json)),
        JsonValueKind.Number => Number(json),
        JsonValueKind.Array => new ListValue([.. json.EnumerateArray().Select(Read)]),
        _ => new DictValue(json.EnumerateObject().Select(member => ((Value)new StringValue(Name(member)), Read(member.Value))).ToArray()),
    };

    // A number is whole if it is written so, as in Python.
    private static Value Number(JsonElement json)
    {
        var text = json.GetRawText();
        return !text.AsSpan().ContainsAny(".eE") && Int128.TryParse(text, CultureInfo.InvariantCulture, out var whole)
            ? new IntValue(whole)
            : new FloatValue(json.GetDouble());
    }

    private static string Text(JsonElement json)
    {
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new TemplateError("a string with half a surrogate pair");
        }
    }

    private static string Name(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            throw new TemplateError("a name with half a surrogate pair");
        }
    }
}
