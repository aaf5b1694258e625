using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Splitwiser.Silo.Http;

/// <summary>Writes JSON answers.</summary>
internal static class JsonOut
{
    /// <summary>Text goes out as UTF-8, as vLLM sends it, and not as \u escapes: no answer is ever put into HTML by us.</summary>
    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static async Task Write<T>(HttpContext context, T value, JsonTypeInfo<T> type)
    {
        context.Response.ContentType = "application/json";
        var pipe = context.Response.BodyWriter;
        await using (var writer = new Utf8JsonWriter(pipe, Options))
            JsonSerializer.Serialize(writer, value, type);
        await pipe.FlushAsync(context.RequestAborted);
    }
}
