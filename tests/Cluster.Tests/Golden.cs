using System.Collections.Immutable;
using System.Text.Json;
using Splitwiser.Tests;

namespace Splitwiser.Cluster.Tests;

/// <summary>What the demo model answers, as computed by its training script's framework.</summary>
internal sealed record Golden(string Prompt, ImmutableArray<int> PromptIds, ImmutableArray<int> Ids, string Text)
{
    public const int EndToken = 0;

    public static ImmutableArray<Golden> All { get; } = Read();

    /// <summary>The model ended the answer with its end token.</summary>
    public bool EndsItself => Ids[^1] == EndToken;

    /// <summary>A greedy request for exactly this answer.</summary>
    public GenerateRequest Request => new()
    {
        Text = Prompt,
        Sampling = new() { Temperature = 0 },
        Stop = new() { MaxTokens = Ids.Length },
    };

    private static ImmutableArray<Golden> Read()
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.DemoModel, "golden.json")));
        return [.. file.RootElement.GetProperty("prompts").EnumerateArray().Select(prompt => new Golden(
            prompt.GetProperty("prompt").GetString()!,
            [.. prompt.GetProperty("prompt_ids").EnumerateArray().Select(id => id.GetInt32())],
            [.. prompt.GetProperty("greedy_ids").EnumerateArray().Select(id => id.GetInt32())],
            prompt.GetProperty("greedy_text").GetString()!))];
    }
}
