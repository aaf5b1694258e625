using System.Text.Json;

namespace Splitwiser.Silo.Http;

/// <summary>
/// Fields of OpenAI's, vLLM's and llama.cpp's APIs that change the answer and aren't served: refused by name unless their value asks for
/// nothing. Fields that none of them knows are ignored, as they do, and so are those that change no answer: store, metadata, user,
/// service_tier, safety_identifier, prompt_cache_key.
/// </summary>
internal static class UnservedFields
{
    private static readonly Dictionary<string, Func<JsonElement, bool>> AsksForNothing = new()
    {
        ["functions"] = IsEmpty,
        ["function_call"] = value => IsText(value, "none") || IsText(value, "auto"),
        ["guided_whitespace_pattern"] = IsNull,
        ["structural_tag"] = IsNull,
        ["modalities"] = value => value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(modality => IsText(modality, "text")),
        ["audio"] = IsNull,
        ["prediction"] = IsNull,
        ["use_beam_search"] = IsFalse,
        ["length_penalty"] = Is(1),
        ["prompt_embeds"] = IsNull,
        ["spaces_between_special_tokens"] = IsTrue,
        ["logits_processors"] = IsEmpty,
        ["chat_template"] = IsNull,
        ["echo"] = IsFalse,             // of a chat
        ["best_of"] = Is(1),            // of a chat
        ["web_search_options"] = IsNull,
        ["detokenize"] = IsTrue,
        ["thinking_token_budget"] = IsNull,
        ["vllm_xargs"] = IsEmpty,
        ["mirostat"] = Is(0),
        ["typical_p"] = Is(1),
        ["dry_multiplier"] = Is(0),
        ["xtc_probability"] = Is(0),
        ["dynatemp_range"] = Is(0),
        ["documents"] = IsEmpty,
        ["mm_processor_kwargs"] = IsNull,
        ["kv_transfer_params"] = IsNull,
    };

    /// <exception cref="ApiException">400 that names the first field that can't be served.</exception>
    public static void Refuse(Dictionary<string, JsonElement>? others, string within = "")
    {
        foreach (var (name, value) in others ?? [])
        {
            if (AsksForNothing.TryGetValue(name, out var asksForNothing) && !IsNull(value) && !asksForNothing(value))
                throw ApiException.Invalid($"{within}{name}: not served here with this value.", within + name, "unsupported_parameter");
        }
    }

    private static Func<JsonElement, bool> Is(int neutral) =>
        value => value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number == neutral;

    private static bool IsNull(JsonElement value) => value.ValueKind == JsonValueKind.Null;

    private static bool IsFalse(JsonElement value) => value.ValueKind == JsonValueKind.False;

    private static bool IsTrue(JsonElement value) => value.ValueKind == JsonValueKind.True;

    private static bool IsText(JsonElement value, string text) => value.ValueKind == JsonValueKind.String && value.ValueEquals(text);

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        JsonValueKind.String => value.ValueEquals(""),
        _ => false,
    };
}
