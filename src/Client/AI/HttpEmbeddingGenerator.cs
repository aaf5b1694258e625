using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Splitwiser.Client.Http;

namespace Splitwiser.Client.AI;

/// <summary>Embeds texts over a silo's HTTP API; vectors have length 1.</summary>
/// <param name="http">With the silo's address as its base; not disposed with this generator.</param>
/// <param name="model">Served name; null for the one that is served.</param>
public sealed class HttpEmbeddingGenerator(HttpClient http, string? model = null) : IEmbeddingGenerator<string, Embedding<float>>
{
    /// <inheritdoc/>
    /// <exception cref="ServerRefusedException">The server refused the request, or failed.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var body = new JsonObject
        {
            ["input"] = new JsonArray([.. values.Select(value => (JsonNode)value)]),
            ["encoding_format"] = "base64",
            ["model"] = options?.ModelId ?? model,
            ["dimensions"] = options?.Dimensions,
        };
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await http.PostAsync("v1/embeddings", content, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw await CompletionsClient.RefusalOf(response, cancellationToken);
        var answer = JsonElement.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
        var used = answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt64();
        return new(answer.GetProperty("data").EnumerateArray().Select(item => new Embedding<float>(Vector(item)) { ModelId = answer.GetProperty("model").GetString() }))
        {
            Usage = new() { InputTokenCount = used, TotalTokenCount = used },
        };
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        Services.Find(serviceType, serviceKey, this, new EmbeddingGeneratorMetadata("splitwiser", http.BaseAddress, model));

    /// <summary>Nothing is held here.</summary>
    public void Dispose()
    {
        // The HttpClient is the caller's.
    }

    /// <summary>The bytes are f32, little-endian.</summary>
    private static float[] Vector(JsonElement item)
    {
        var bytes = item.GetProperty("embedding").GetBytesFromBase64();
        var vector = new float[bytes.Length / sizeof(float)];
        for (var i = 0; i < vector.Length; i++)
            vector[i] = System.Buffers.Binary.BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(sizeof(float) * i));
        return vector;
    }
}
