using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Splitwiser.Silo.Http.Wire;

/// <summary>The answer of /v1/embeddings: one vector an input, in order.</summary>
internal sealed record EmbeddingsResponse(ImmutableArray<EmbeddingData> Data, string Model, EmbeddingUsage Usage)
{
    public string Object => "list";
}

internal sealed record EmbeddingData(int Index, EmbeddingVector Embedding)
{
    public string Object => "embedding";
}

internal sealed record EmbeddingUsage(int PromptTokens)
{
    public int TotalTokens => PromptTokens;
}

/// <param name="AsBase64">Written as the base64 text of its bytes instead of numbers.</param>
[JsonConverter(typeof(EmbeddingVectorConverter))]
internal sealed record EmbeddingVector(ImmutableArray<float> Values, bool AsBase64);

internal sealed class EmbeddingVectorConverter : JsonConverter<EmbeddingVector>
{
    public override EmbeddingVector Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Vectors are only written.");

    public override void Write(Utf8JsonWriter writer, EmbeddingVector value, JsonSerializerOptions options)
    {
        if (value.AsBase64)
        {
            var bytes = new byte[sizeof(float) * value.Values.Length];
            for (var i = 0; i < value.Values.Length; i++)
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(sizeof(float) * i), value.Values[i]);
            writer.WriteBase64StringValue(bytes);
            return;
        }

        writer.WriteStartArray();
        foreach (var number in value.Values)
            writer.WriteNumberValue(number);
        writer.WriteEndArray();
    }
}
