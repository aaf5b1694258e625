using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using Splitwiser.Silo.Http.Wire;
using Splitwiser.Silo.Options;
using Splitwiser.Silo.Safety;

namespace Splitwiser.Silo.Http;

/// <summary>Reads a JSON body into a wire type, strictly: a wrong type is an error that names its field.</summary>
internal static class RequestBody
{
    /// <exception cref="ApiException">415 for another content type, 413 for a body over --max-body-bytes, 400 for what isn't the type's JSON.</exception>
    public static async ValueTask<T> Read<T>(HttpContext context, JsonTypeInfo<T> type)
    {
        if (!context.Request.HasJsonContentType())
            throw ApiException.OfStatus(StatusCodes.Status415UnsupportedMediaType);
        var most = context.RequestServices.GetRequiredService<SplitwiserOptions>().MaxBodyBytes;
        if (context.Request.ContentLength > most)
            throw TooLarge();
        var reader = context.Request.BodyReader;
        var read = await ReadAll(context, most);
        var body = read.Buffer;
        try
        {
            if (read.IsCanceled)
                throw new OperationCanceledException("The body didn't come in time.");
            return body.Length > most ? throw TooLarge() : Parse(body.IsSingleSegment ? body.FirstSpan : body.ToArray(), type);
        }
        finally
        {
            reader.AdvanceTo(body.End);
        }
    }

    /// <summary>All of the body, or one byte more than is taken; cancelled at the request's deadline.</summary>
    internal static async ValueTask<ReadResult> ReadAll(HttpContext context, int most)
    {
        var reader = context.Request.BodyReader;
        using var late = Deadline.Of(context).Register(reader.CancelPendingRead); // a token would leave the read pending, and the server couldn't drop the rest
        return await reader.ReadAtLeastAsync(most + 1);
    }

    internal static T Parse<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type)
    {
        if (json.IsEmpty)
            throw ApiException.Invalid("The body is empty.");
        if (!Utf8.IsValid(json))
            throw ApiException.Invalid("The body is not valid UTF-8.");
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw ApiException.Invalid("The body must be a JSON object.");
        }
        catch (FieldException e)
        {
            var field = Field(e);
            throw ApiException.Invalid($"{field}: {e.Message}.", field);
        }
        catch (JsonException e) when (e.InnerException is JsonException || e.Path is null)
        {
            throw ApiException.Invalid($"The body is not valid JSON, or nested deeper than {WireJson.MaxDepth} levels (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}).");
        }
        catch (JsonException e)
        {
            var field = Field(e);
            throw field is null
                ? ApiException.Invalid("The body must be a JSON object.")
                : ApiException.Invalid($"{field}: expected {Expected(field, type)}.", field);
        }
    }

    /// <summary>The server reads on and drops what it reads for a while, so that a client that sends first and listens after hears of it.</summary>
    private static ApiException TooLarge() => ApiException.OfStatus(StatusCodes.Status413PayloadTooLarge);

    /// <summary>"$.stream_options.include_usage" without its root; null for the root itself.</summary>
    private static string? Field(JsonException e) => e.Path is { Length: > 2 } path ? path[2..] : null;

    private static string Expected(string field, JsonTypeInfo root) => Declared(field, root) switch
    {
        null => "another type of value",
        var type when type == typeof(string) => "a string",
        var type when type == typeof(bool) => "true or false",
        var type when type == typeof(int) || type == typeof(long) => "a whole number",
        var type when type == typeof(float) => "a number",
        var type when type == typeof(int[]) => "a list of token ids",
        { IsArray: true } => "a list",
        _ => "an object",
    };

    /// <summary>The type at "stream_options.include_usage"; null within lists and dictionaries.</summary>
    private static Type? Declared(string field, JsonTypeInfo root)
    {
        var here = root;
        Type? declared = null;
        foreach (var name in field.Split('.'))
        {
            declared = here?.Properties.FirstOrDefault(property => property.Name == name)?.PropertyType;
            if (declared is null)
                return null;
            declared = Nullable.GetUnderlyingType(declared) ?? declared;
            here = root.Options.TryGetTypeInfo(declared, out var inner) ? inner : null;
        }

        return declared;
    }
}
