using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Splitwiser.Grains;
using Splitwiser.Models.Chat;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Hosting;

/// <summary>
/// The operator's system prompts as tokens: what the prompts of all chats begin with that have this system message. For a model without
/// a chat template, prompts are taken as they are.
/// </summary>
internal static class PinnedPrompts
{
    /// <exception cref="BadConfigurationException">The file is no array of texts, or the model can't take them.</exception>
    public static ImmutableArray<ImmutableArray<int>> Read(SplitwiserOptions options, ServedModel model)
    {
        if (options.PinnedPrompts is not { } file) return [];
        if (model.Tokenizer is null) throw Bad($"{model.Name} has no tokenizer");
        var prompts = ImmutableArray.CreateBuilder<ImmutableArray<int>>();
        foreach (var (text, index) in Texts(file).Select((text, index) => (text, index)))
        {
            var tokens = Tokens(text, model);
            if (tokens.Length < Gpu.Kv.PageId.Size) throw Bad($"prompt {index} has {tokens.Length} tokens, which don't fill a page of {Gpu.Kv.PageId.Size}");
            if (tokens.Length >= model.MaxModelLength) throw Bad($"prompt {index} has {tokens.Length} tokens; the context holds {model.MaxModelLength}, the answer included");
            prompts.Add(tokens);
        }

        return prompts.DrainToImmutable();
    }

    private static string[] Texts(string file)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(file));
            if (json.RootElement.ValueKind == JsonValueKind.Array && json.RootElement.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String))
                return [.. json.RootElement.EnumerateArray().Select(item => item.GetString()!)];
        }
        catch (JsonException e)
        {
            throw Bad($"{file} is no JSON: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Bad(e.Message);
        }

        throw Bad($"expected an array of texts in {file}");
    }

    private static ImmutableArray<int> Tokens(string text, ServedModel model)
    {
        if (model.ChatTemplate is not { } template) return [.. model.Tokenizer!.Encode(text, addSpecialTokens: true)];
        try
        {
            var (one, other) = (Chat("a"), Chat("b"));
            var alike = one.AsSpan().CommonPrefixLength(other);
            return [.. one.AsSpan(0, alike)];
        }
        catch (Exception e) when (e is ChatRefusedException or ChatTemplateException)
        {
            throw Bad($"the chat template takes no system message: {e.Message}");
        }

        int[] Chat(string question)
        {
            var messages = new JsonArray(Message("system", text), Message("user", question));
            using var json = JsonDocument.Parse(messages.ToJsonString());
            return [.. model.Tokenizer!.Encode(template.Render(json.RootElement), addSpecialTokens: false)];
        }

        static JsonObject Message(string role, string content) => new() { ["role"] = role, ["content"] = content };
    }

    private static BadConfigurationException Bad(string problem) => new($"--pinned-prompts: {problem}");
}
