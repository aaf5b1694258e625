namespace Splitwiser.Chat;

/// <summary>Finds where a JSON value ends, character by character. Looks at strings and brackets alone: what is between them is taken as it is.</summary>
internal struct JsonExtent
{
    private int depth;
    private bool inString, escaped;

    public JsonShape Shape { get; private set; }

    /// <summary>The value is over.</summary>
    public bool Ended { get; private set; }

    /// <summary>False for the character behind a number or a word, which ends it and is no part of it.</summary>
    public bool Takes(char character)
    {
        if (Shape == JsonShape.Unknown)
            Shape = character switch { '"' => JsonShape.String, '{' or '[' => JsonShape.Nested, _ => JsonShape.Word };
        if (Shape == JsonShape.Word)
        {
            Ended = character is ',' or '}' or ']' || char.IsWhiteSpace(character);
            return !Ended;
        }

        if (inString)
            (inString, escaped) = (escaped || character != '"', !escaped && character == '\\');
        else if (character == '"')
            inString = true;
        else
            depth += character is '{' or '[' ? 1 : character is '}' or ']' ? -1 : 0;
        Ended = !inString && depth == 0;
        return true;
    }
}

internal enum JsonShape
{
    Unknown,
    String,

    /// <summary>An object or an array.</summary>
    Nested,

    /// <summary>A number, true, false or null.</summary>
    Word,
}
