using System.Text.Json;

namespace Splitwiser.Silo.Http.Wire;

/// <summary>Strings of requests.</summary>
internal static class WireText
{
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
