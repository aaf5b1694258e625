using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Splitwiser.Client.CommandLine.Chat;

/// <summary>What was set for the answers to come; the rest is the server's default.</summary>
internal sealed class ChatSettings
{
    private readonly Dictionary<string, JsonNode> values = [];

    /// <summary>Name and value in JSON, in the order of <see cref="ChatSetting.All"/>.</summary>
    public IEnumerable<(ChatSetting Setting, JsonNode? Value)> All => ChatSetting.All.Select(setting => (setting, values.GetValueOrDefault(setting.Name)));

    /// <summary>False with what is wrong.</summary>
    public bool TrySet(string name, string text, out string problem)
    {
        problem = "";
        if (ChatSetting.Find(name) is not { } setting)
            problem = $"there is no setting {name}; /set lists them";
        else if (setting.Read(text) is { } value)
            values[setting.Name] = value;
        else
            problem = $"{setting.Name}: expected {setting.Expected}, found '{text}'";
        return problem.Length == 0;
    }

    /// <summary>False when there is no such setting.</summary>
    public bool TryUnset(string name)
    {
        if (ChatSetting.Find(name) is not { } setting)
            return false;
        values.Remove(setting.Name);
        return true;
    }

    /// <summary>Takes over what another one has.</summary>
    public void Replace(ChatSettings other)
    {
        values.Clear();
        foreach (var (name, value) in other.values)
            values[name] = value;
    }

    public ChatOptions Options()
    {
        var options = new ChatOptions();
        foreach (var (setting, value) in All)
        {
            if (value is not null)
                setting.Apply(options, value);
        }

        return options;
    }
}
