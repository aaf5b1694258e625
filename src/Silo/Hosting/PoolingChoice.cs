using System.Text.Json;
using Splitwiser.Models;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Hosting;

/// <summary>How a model's hidden states become vectors: by the settings, or by the file that embedding models bring along.</summary>
internal static class PoolingChoice
{
    private const string File = "1_Pooling/config.json"; // sentence-transformers' name for it

    /// <exception cref="ModelFormatException">The model's file is no JSON object, or asks for another pooling.</exception>
    public static Pooling Of(string folder, PoolingOption option) => option switch
    {
        PoolingOption.Mean => Pooling.Mean,
        PoolingOption.Last => Pooling.Last,
        _ => System.IO.File.Exists(Path.Combine(folder, File)) ? Read(Path.Combine(folder, File)) : Pooling.Last,
    };

    private static Pooling Read(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(System.IO.File.ReadAllBytes(path));
            return (Is(document.RootElement, "pooling_mode_mean_tokens"), Is(document.RootElement, "pooling_mode_lasttoken")) switch
            {
                (true, false) => Pooling.Mean,
                (false, true) => Pooling.Last,
                _ => throw new ModelFormatException(path, "pooling_mode", "pooling_mode_mean_tokens or pooling_mode_lasttoken alone", "another pooling (see --pooling)"),
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or IOException)
        {
            throw new ModelFormatException(path, "$", "a JSON object", e.Message);
        }
    }

    private static bool Is(JsonElement modes, string name) => modes.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
}
