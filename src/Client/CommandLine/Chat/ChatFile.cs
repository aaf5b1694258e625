using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Splitwiser.Client.CommandLine.Chat;

/// <summary>A saved chat: the body of a POST /v1/chat/completions, so that other clients can send it, too.</summary>
internal static class ChatFile
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="IOException">The file can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static void Save(string path, ChatHistory history, ChatSettings settings)
    {
        var body = new JsonObject
        {
            ["messages"] = new JsonArray([.. history.Messages().Select(message => (JsonNode)new JsonObject { ["role"] = message.Role.Value, ["content"] = message.Text })]),
        };
        foreach (var (setting, value) in settings.All)
        {
            if (value is not null)
                body[setting.Name] = value.DeepClone();
        }

        File.WriteAllText(path, body.ToJsonString(Readable) + "\n");
    }

    /// <summary>Replaces history and settings; on an error both stay as they were.</summary>
    /// <exception cref="ChatFileException">The file is no chat of questions and answers.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static void Load(string path, ChatHistory history, ChatSettings settings)
    {
        var body = Read(path);
        var messages = body["messages"] as JsonArray ?? throw new ChatFileException($"{path} has no messages.");
        var said = messages.Select(message => Said(path, message)).ToList();
        var system = said is [("system", var first), ..] ? first : null;
        var turns = said.Skip(system is null ? 0 : 1).Chunk(2).ToList();
        if (turns.Any(turn => turn is not [("user", _), ("assistant", _)]))
            throw new ChatFileException($"{path}: expected questions of the role user, each with an answer of the role assistant.");
        var loaded = new ChatSettings();
        foreach (var setting in ChatSetting.All)
        {
            if (body[setting.Name] is JsonValue value && !loaded.TrySet(setting.Name, value.ToString(), out var problem))
                throw new ChatFileException($"{path}: {problem}");
        }

        history.Clear();
        history.System = system;
        foreach (var turn in turns)
            history.Add(turn[0].Content, turn[1].Content);
        settings.Replace(loaded);
    }

    private static JsonObject Read(string path)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(path)) as JsonObject ?? throw new ChatFileException($"{path} holds no JSON object.");
        }
        catch (JsonException e)
        {
            throw new ChatFileException($"{path} is no JSON: {e.Message}", e);
        }
    }

    private static (string Role, string Content) Said(string path, JsonNode? message) =>
        message is JsonObject { } && message["role"] is JsonValue role && message["content"] is JsonValue content
            ? (role.ToString(), content.ToString())
            : throw new ChatFileException($"{path}: expected messages with a role and a text.");
}

/// <summary>A file is no saved chat.</summary>
internal sealed class ChatFileException(string message, Exception? inner = null) : Exception(message, inner);
