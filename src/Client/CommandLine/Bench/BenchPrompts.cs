using System.Text.Json;

namespace Splitwiser.Client.CommandLine.Bench;

/// <summary>The prompts of a benchmark. The same plan gives the same prompts.</summary>
internal static class BenchPrompts
{
    /// <summary>Ids below it are often special tokens.</summary>
    public const int FirstId = 10;

    public static IReadOnlyList<BenchPrompt> Random(BenchPlan plan, int count)
    {
        var random = new Random(plan.Seed);
        var shared = Ids(plan.SharedTokens);
        return [.. Enumerable.Range(0, count).Select(_ => new BenchPrompt(null, [.. shared, .. Ids(Length(plan.InputTokens))], Length(plan.OutputTokens)))];

        int[] Ids(int length) => [.. Enumerable.Range(0, length).Select(_ => random.Next(FirstId, plan.Vocabulary))];
        int Length(int middle) => Math.Max(1, (int)Math.Round(middle * (1 + (plan.Spread * ((2 * random.NextDouble()) - 1)))));
    }

    /// <summary>Of lines, from the first on again when they don't suffice: a text each, or {"prompt": text or ids, "max_tokens": n}.</summary>
    /// <exception cref="BadPromptFileException">A line that begins with { is no such object, or there is none.</exception>
    public static IReadOnlyList<BenchPrompt> Of(IReadOnlyList<string> lines, BenchPlan plan, int count)
    {
        var prompts = lines.Index().Where(line => !string.IsNullOrWhiteSpace(line.Item)).Select(line => Of(line.Item, line.Index + 1, plan)).ToList();
        if (prompts.Count == 0)
            throw new BadPromptFileException("it has no prompt");
        return [.. Enumerable.Range(0, count).Select(index => prompts[index % prompts.Count])];
    }

    private static BenchPrompt Of(string line, int number, BenchPlan plan)
    {
        if (!line.StartsWith('{'))
            return new(line, [], plan.OutputTokens);
        try
        {
            var json = JsonElement.Parse(line);
            var tokens = json.TryGetProperty("max_tokens", out var most) ? most.GetInt32() : plan.OutputTokens;
            var prompt = json.GetProperty("prompt");
            return prompt.ValueKind == JsonValueKind.Array
                ? new(null, [.. prompt.EnumerateArray().Select(id => id.GetInt32())], tokens)
                : new(prompt.GetString() ?? throw new JsonException("the prompt is null"), [], tokens);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new BadPromptFileException($"line {number}: expected {{\"prompt\": text or ids, \"max_tokens\": n}}: {e.Message}", e);
        }
    }
}

/// <summary>A file of prompts is none.</summary>
internal sealed class BadPromptFileException(string message, Exception? inner = null) : Exception(message, inner);
