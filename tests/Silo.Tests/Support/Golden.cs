using System.Text.Json;

namespace Splitwiser.Silo.Tests;

/// <summary>What transformers computed for the demo model (models/demo/golden.json).</summary>
public sealed record GoldenPrompt(string Prompt, int[] PromptIds, int[] GreedyIds, string GreedyText, int[] Top5Ids, float[] Top5Logits)
{
    private static readonly JsonElement Root = JsonElement.Parse(File.ReadAllBytes(Path.Combine(Repository.DemoModel, "golden.json")));

    public static IReadOnlyList<GoldenPrompt> All { get; } =
        [.. Root.GetProperty("prompts").EnumerateArray().Select(prompt => new GoldenPrompt(
            prompt.Text("prompt"), prompt.Ints("prompt_ids"), prompt.Ints("greedy_ids"), prompt.Text("greedy_text"), prompt.Ints("top5_ids"),
            [.. prompt.GetProperty("top5_logits").EnumerateArray().Select(logit => logit.GetSingle())]))];

    /// <summary>Texts and their ids, without special tokens.</summary>
    public static IReadOnlyList<(string Text, int[] Ids)> Encodings { get; } =
        [.. Root.GetProperty("encode").EnumerateArray().Select(encoding => (encoding.Text("text"), encoding.Ints("ids")))];
}
