using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Splitwiser.Silo.Http.Wire;

/// <summary>Strings of requests.</summary>
internal static class WireText
{
    /// <summary>A part of a request as JSON again, for the chat template.</summary>
    /// <exception cref="ApiException">400: it holds half of a surrogate pair.</exception>
    public static JsonElement Element<T>(T value, JsonTypeInfo<T> type, string field)
    {
        try
        {
            return JsonSerializer.SerializeToElement(value, type);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or JsonException)
        {
            throw ApiException.Invalid($"{field}: expected text, found half of a surrogate pair.", field);
        }
    }

    /// <exception cref="FieldException">It holds half of a surrogate pair, which is no text.</exception>
    public static string Of(JsonElement text)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new FieldException("expected text, found half of a surrogate pair");
        }
    }

    /// <summary>The string that the reader is at.</summary>
    /// <exception cref="FieldException">It holds half of a surrogate pair, which is no text.</exception>
    public static string Read(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new FieldException("expected text, found half of a surrogate pair");
        }
    }
}
