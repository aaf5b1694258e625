using System.Text;
using System.Text.Json;

namespace Splitwiser.Chat;

/// <summary>
/// Reads one <c>{"name": "f", "arguments": {...}}</c> character by character. The call is told as soon as its name is known, and
/// its arguments as they come; those that come ahead of the name, or as a string that holds JSON, when they are complete.
/// </summary>
/// <param name="isTool">Whether a call of this name counts: else the object is no call.</param>
internal sealed class CallObject(PartList parts, Func<string, bool> isTool)
{
    private const string NoArguments = "{}";
    private readonly StringBuilder raw = new();      // all that was read, until the call is told
    private readonly StringBuilder value = new();    // the key or the value that is being read
    private JsonExtent extent;
    private Place place;
    private string key = "";
    private string? early;                           // arguments ahead of the name
    private bool argued;

    private enum Place
    {
        Object,
        Key,
        InKey,
        Colon,
        Value,
        InValue,
        Comma,
        Complete,
        Broken,
    }

    /// <summary>The call was told: what is broken from here on can't be taken back.</summary>
    public bool Told { get; private set; }

    public bool IsComplete => place == Place.Complete;

    /// <summary>This is no call.</summary>
    public bool IsBroken => place == Place.Broken;

    /// <summary>All that was read while nothing was told.</summary>
    public string Raw => raw.ToString();

    public void Reset()
    {
        raw.Clear();
        (place, early, argued, Told) = (Place.Object, null, false, false);
    }

    public void Read(char character)
    {
        if (!Told)
            raw.Append(character);
        switch (place)
        {
            case Place.InKey or Place.InValue:
                Go(character);
                break;
            case var _ when char.IsWhiteSpace(character):
                break;
            default:
                place = (place, character) switch
                {
                    (Place.Object, '{') => Place.Key,
                    (Place.Key, '"') => Open(Place.InKey, character),
                    (Place.Colon, ':') => Place.Value,
                    (Place.Value, _) => Open(Place.InValue, character),
                    (Place.Comma, ',') => Place.Key,
                    (Place.Comma or Place.Key, '}') => Close(),
                    _ => Place.Broken,
                };
                break;
        }
    }

    private Place Open(Place next, char character)
    {
        value.Clear();
        extent = default;
        place = next;
        Go(character);
        return place;
    }

    private void Go(char character)
    {
        if (extent.Takes(character))
        {
            if (StreamsValue)
                parts.Argue(character);
            else
                value.Append(character);
        }

        if (!extent.Ended)
            return;
        if (place == Place.InKey)
            place = Text(value.ToString()) is { } name && (key = name) is not null ? Place.Colon : Place.Broken;
        else
            place = TakeValue() ? Place.Comma : Place.Broken;
        if (extent.Shape == JsonShape.Word && place == Place.Comma)
            place = character switch { ',' => Place.Key, '}' => Close(), ']' => Place.Broken, _ => Place.Comma };
    }

    private bool IsArguments => key is "arguments" or "parameters" && !argued;

    private bool StreamsValue => Told && place == Place.InValue && IsArguments && extent.Shape == JsonShape.Nested;

    private bool TakeValue()
    {
        if (key == "name" && !Told)
        {
            if (Text(value.ToString()) is not { } name || !isTool(name))
                return false;
            Told = true;
            parts.BeginCall(name);
            if (early is not null)
                Argue(early);
        }
        else if (IsArguments && StreamsValue)
        {
            argued = true;
        }
        else if (IsArguments)
        {
            var arguments = extent.Shape == JsonShape.String ? Text(value.ToString()) : value.ToString();
            if (arguments is null)
                return false;
            if (Told)
                Argue(arguments);
            else
                early ??= arguments;
        }

        return true;
    }

    private void Argue(string arguments)
    {
        argued = true;
        foreach (var character in arguments is "" or "null" ? NoArguments : arguments)
            parts.Argue(character);
    }

    private Place Close()
    {
        if (!Told)
            return Place.Broken;
        if (!argued)
            Argue(NoArguments);
        return Place.Complete;
    }

    /// <summary>What a JSON string says; null when it is none.</summary>
    private static string? Text(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<string>(json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
