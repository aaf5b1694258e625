using System.Buffers;
using System.Text.Json;

namespace Splitwiser.Bench.Serve;

/// <summary>The body of a streamed completion of a random prompt.</summary>
internal static class CompletionBody
{
    public static byte[] Of(LoadRequest request, int vocabulary, Random random)
    {
        var buffer = new ArrayBufferWriter<byte>(request.Prompt * 6 + 256);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteStartArray("prompt");
        for (var i = 0; i < request.Prompt; i++) json.WriteNumberValue(random.Next(vocabulary));
        json.WriteEndArray();
        json.WriteNumber("max_tokens", request.Output);
        json.WriteNumber("temperature", 0);
        json.WriteBoolean("ignore_eos", true);
        json.WriteBoolean("stream", true);
        json.WriteStartObject("stream_options");
        json.WriteBoolean("include_usage", true);
        json.WriteBoolean("continuous_usage_stats", true);      // how many tokens an event brings, without their ids
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
