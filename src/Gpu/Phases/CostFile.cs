using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Phases;

/// <summary>
/// What the adaptive mode has learned of a card and a model, on disk from one start to the next. Another card, model or size of steps is
/// another file; a damaged one is ignored, and one that can't be written is no error.
/// </summary>
internal sealed class CostFile(string folder, RunnerInfo runner, ModelConfig model)
{
    /// <summary>Counts up when what the costs mean changes.</summary>
    private const int Version = 2;

    public string Path { get; } = System.IO.Path.Combine(folder, $"costs-{Plain(runner.DeviceName)}-{Key(runner, model)}.json");

    /// <summary>Null when there is none.</summary>
    public StepCostsRecord? Read()
    {
        try
        {
            var record = JsonSerializer.Deserialize<StepCostsRecord>(File.ReadAllBytes(Path));
            return record is { Decode: { Products: not null, Seconds: not null, Sizes: not null }, Prefill: not null, Mixed: not null, Mechanisms: not null } && Array.TrueForAll(record.Mechanisms, mechanism => mechanism is not null) ? record : null;
        }
        catch (Exception error) when (error is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public void Write(StepCostsRecord record)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var temporary = $"{Path}.{Guid.NewGuid():N}";
            File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(record));
            File.Move(temporary, Path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or ArgumentException)
        {
            // It will be learned again.
        }
    }

    private static string Plain(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));

    private static string Key(RunnerInfo runner, ModelConfig model)
    {
        var parts = string.Create(CultureInfo.InvariantCulture,
            $"{Version} {runner.MaxTokens} {runner.PageBytes} {model.Family} {model.LayerCount} {model.HiddenSize} {model.IntermediateSize} {model.HeadCount} {model.KvHeadCount} {model.HeadSize} {model.VocabularySize}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(parts)))[..16];
    }
}
