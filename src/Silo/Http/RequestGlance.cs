using System.Buffers;
using System.Text.Json;

namespace Splitwiser.Silo.Http;

/// <summary>What a look at a body's names tells, before any of it is kept: for whom it is and how urgent.</summary>
/// <param name="Model">Null where none is named.</param>
/// <param name="Priority">Null where none is given.</param>
internal sealed record RequestGlance(string? Model, int? Priority)
{
    /// <summary>Null for what is no object, no JSON, or has one of the two in another type.</summary>
    public static RequestGlance? Of(ReadOnlySequence<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = Wire.WireJson.MaxDepth });
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject ? Members(ref reader) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // InvalidOperation: a text that is no UTF-8
        {
            return null;
        }
    }

    private static RequestGlance? Members(ref Utf8JsonReader reader)
    {
        string? model = null;
        int? priority = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isModel, isPriority) = (reader.ValueTextEquals("model"u8), reader.ValueTextEquals("priority"u8));
            reader.Read();
            if (isModel)
            {
                if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Null)) return null;
                model = reader.GetString();
            }
            else if (isPriority)
            {
                priority = null;
                if (reader.TokenType == JsonTokenType.Null) continue;
                if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out var number)) return null;
                priority = number;
            }
            else reader.Skip();
        }

        return reader.TokenType == JsonTokenType.EndObject ? new(model, priority) : null;
    }
}
