using System.Text.Json;
using Splitwiser.Tests;

namespace Splitwiser.Gpu.Tests.Models;

/// <summary>What transformers computed for a prompt of a fixture: the last position's logits and the greedy continuation.</summary>
internal sealed record Golden(int[] PromptIds, float[] LastLogits, int[] GreedyIds)
{
    public static readonly string[] Fixtures = ["llama", "llama3-rope", "mistral-window", "qwen2", "qwen3", "phi3", "gemma2", "gpt2", "opt"];

    private static readonly JsonSerializerOptions SnakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static Golden[] Of(string fixture) =>
        JsonSerializer.Deserialize<Golden[]>(File.ReadAllText(Path.Combine(Repository.Fixture(fixture), "golden.json")), SnakeCase)!;

    /// <summary>The demo model's prompts; only their most likely logits are kept.</summary>
    public static DemoGolden[] OfDemo()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.DemoModel, "golden.json")));
        return document.RootElement.GetProperty("prompts").Deserialize<DemoGolden[]>(SnakeCase)!;
    }

    /// <summary>||a - b|| / ||b||</summary>
    public static double Distance(ReadOnlySpan<float> a, ReadOnlySpan<float> b) =>
        Numbers.Distance([.. a.ToArray().Select(x => (double)x)], [.. b.ToArray().Select(x => (double)x)]);
}

internal sealed record DemoGolden(string Prompt, int[] PromptIds, int[] GreedyIds, int[] Top5Ids, float[] Top5Logits);

/// <summary>
/// The tie rule of the design: a greedy token may differ from the golden one only where the two most likely logits are closer than 0.05 of
/// the logits' deviation, and at no more than 1 % of the positions. Teacher-forced: every step is given the golden tokens.
/// </summary>
internal sealed class TieRule
{
    private int positions, ties;

    public void Check(ReadOnlySpan<float> logits, int golden, string where)
    {
        positions++;
        var (best, second) = (0, -1);
        var (sum, squares) = (0.0, 0.0);
        for (var i = 0; i < logits.Length; i++)
        {
            sum += logits[i];
            squares += (double)logits[i] * logits[i];
            if (i > 0 && logits[i] > logits[best]) (best, second) = (i, best);
            else if (i > 0 && (second < 0 || logits[i] > logits[second])) second = i;
        }
        if (best == golden) return;
        ties++;
        CheckGap(logits[best] - logits[golden], sum, squares, logits.Length, $"{where}: token {best} instead of {golden}");
    }

    /// <summary>So many positions had the golden token.</summary>
    public void Agreed(int count) => positions += count;

    /// <summary>A position had another token.</summary>
    /// <param name="logits">In f32, of a reference.</param>
    public void Differs(ReadOnlySpan<float> logits, int token, int golden, string where)
    {
        positions++;
        ties++;
        var (sum, squares) = (0.0, 0.0);
        foreach (var logit in logits)
        {
            sum += logit;
            squares += (double)logit * logit;
        }
        CheckGap(Math.Abs(logits[token] - logits[golden]), sum, squares, logits.Length, $"{where}: token {token} instead of {golden}");
    }

    public void CheckShare() => ties.ShouldBeLessThanOrEqualTo(positions / 100, $"{ties} ties in {positions} positions");

    private static void CheckGap(float gap, double sum, double squares, int count, string what) =>
        gap.ShouldBeLessThan((float)(0.05 * Math.Sqrt(squares / count - sum / count * (sum / count))), what);
}
