using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Splitwiser.Client.CommandLine.Chat;

/// <summary>One thing that /set sets: a field of the API, by the API's name. Its range is the server's affair.</summary>
/// <param name="Read">The value in JSON; null when the text is none.</param>
internal sealed record ChatSetting(string Name, string Meaning, string Expected, Func<string, JsonNode?> Read, Action<ChatOptions, JsonNode> Apply)
{
    public static readonly ImmutableArray<ChatSetting> All =
    [
        Number("temperature", "0 is greedy", (options, value) => options.Temperature = value),
        Number("top_p", "smallest set of tokens whose probabilities reach this sum", (options, value) => options.TopP = value),
        Whole("top_k", "how many of the likeliest tokens count", (options, value) => options.TopK = (int)value),
        Number("min_p", "least probability, as a share of the likeliest token's", (options, value) => Further(options, "min_p", value)),
        Whole("max_tokens", "most tokens of an answer", (options, value) => options.MaxOutputTokens = (int)value),
        Whole("seed", "makes sampled answers repeatable", (options, value) => options.Seed = value),
        Number("presence_penalty", "against tokens that were there", (options, value) => options.PresencePenalty = value),
        Number("frequency_penalty", "the same for each time that they were", (options, value) => options.FrequencyPenalty = value),
        Number("repetition_penalty", "divides the scores of tokens that were there", (options, value) => Further(options, "repetition_penalty", value)),
        new("stop", "text that ends an answer", "a text", text => text.Length == 0 ? null : JsonValue.Create(text), (options, value) => options.StopSequences = [value.GetValue<string>()]),
    ];

    public static ChatSetting? Find(string name) => All.FirstOrDefault(setting => setting.Name == name.Replace('-', '_'));

    private static ChatSetting Number(string name, string meaning, Action<ChatOptions, float> apply) => new(
        name, meaning, "a number",
        text => float.TryParse(text, CultureInfo.InvariantCulture, out var value) && float.IsFinite(value) ? JsonValue.Create(value) : null,
        (options, value) => apply(options, value.GetValue<float>()));

    private static ChatSetting Whole(string name, string meaning, Action<ChatOptions, long> apply) => new(
        name, meaning, "a whole number",
        text => (name == "seed" ? long.TryParse(text, CultureInfo.InvariantCulture, out var value) : Int32(text, out value)) ? JsonValue.Create(value) : null,
        (options, value) => apply(options, value.GetValue<long>()));

    private static bool Int32(string text, out long value)
    {
        var parsed = int.TryParse(text, CultureInfo.InvariantCulture, out var small);
        value = small;
        return parsed;
    }

    private static void Further(ChatOptions options, string name, float value) => (options.AdditionalProperties ??= [])[name] = value;
}
