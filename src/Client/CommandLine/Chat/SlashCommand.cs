using System.Collections.Immutable;
using System.Text;

namespace Splitwiser.Client.CommandLine.Chat;

/// <summary>What can be said in a chat to the program instead of the model.</summary>
/// <param name="Argument">As help shows it; empty where there is none.</param>
internal sealed record SlashCommand(ImmutableArray<string> Names, string Argument, string Meaning, Func<ChatSession, string, CancellationToken, Task> Run)
{
    public static readonly ImmutableArray<string> Exit = ["/exit", "/quit", "/bye"];

    public static readonly ImmutableArray<SlashCommand> All =
    [
        new(["/help", "/?"], "", "lists these", (chat, _, _) => chat.Tell(Help())),
        new(["/clear"], "", "forgets what was said; what the system says stays", Clear),
        new(["/system"], "[TEXT]", "shows, or sets, what the model is told before everything", System),
        new(["/set"], "[NAME VALUE]", "shows all settings, or sets one for the answers to come", Set),
        new(["/unset"], "NAME", "back to the server's default; also of the system's text", Unset),
        new(["/retry", "/regen"], "", "asks the last question again; the new answer replaces the old one", (chat, _, ct) => chat.AskAgain(ct)),
        new(["/undo"], "", "takes the last question and its answer back", (chat, _, _) => chat.Undo()),
        new(["/history"], "", "shows what was said", (chat, _, _) => chat.Tell(Said(chat.History))),
        new(["/save"], "FILE", "writes chat and settings as JSON, as the body of a request", (chat, file, _) => WithFile(chat, file, ChatFile.Save, "Saved")),
        new(["/load"], "FILE", "goes on with a saved chat", (chat, file, _) => WithFile(chat, file, ChatFile.Load, "Loaded")),
        new(Exit, "", "ends; so does Ctrl-D, or Ctrl-C twice", (_, _, _) => Task.CompletedTask),
    ];

    public static SlashCommand? Find(string name) => All.FirstOrDefault(command => command.Names.Contains(name));

    private static string Help()
    {
        var text = new StringBuilder();
        foreach (var command in All)
            text.AppendLine($"  {$"{string.Join(", ", command.Names)} {command.Argument}",-24}  {command.Meaning}");
        return text.Append("""

              Ctrl-C stops an answer. What was said of it counts.
              A line that is or begins with three quotes (") begins a text of several lines, up to the next three.
              // at a line's beginning says a text that begins with /.
            """).ToString();
    }

    private static Task Clear(ChatSession chat, string argument, CancellationToken ct)
    {
        chat.Clear();
        return chat.Tell("Forgotten.");
    }

    private static Task System(ChatSession chat, string text, CancellationToken ct)
    {
        if (text.Length > 0)
            chat.History.System = text;
        return chat.Tell(chat.History.System is { } told ? $"system: {told}" : "Nothing is told before everything.");
    }

    private static Task Set(ChatSession chat, string argument, CancellationToken ct)
    {
        if (argument.Length == 0)
            return chat.Tell(Settings(chat));
        var (name, value) = Halves(argument);
        if (name == "system")
            return System(chat, value, ct);
        return chat.Tell(chat.Settings.TrySet(name, value, out var problem) ? $"{name} = {value}" : problem);
    }

    private static Task Unset(ChatSession chat, string name, CancellationToken ct)
    {
        if (name == "system")
            chat.History.System = null;
        else if (!chat.Settings.TryUnset(name))
            return chat.Tell($"there is no setting {name}; /set lists them");
        return chat.Tell($"{name} is the server's default now.");
    }

    private static string Settings(ChatSession chat)
    {
        var text = new StringBuilder($"  {"system",-20}{chat.History.System ?? "-"}");
        foreach (var (setting, value) in chat.Settings.All)
            text.Append($"\n  {setting.Name,-20}{value?.ToString() ?? "-",-10} {setting.Meaning}");
        return text.ToString();
    }

    private static string Said(ChatHistory history)
    {
        var said = history.Messages().Select(message => $"{message.Role.Value}: {message.Text}").ToList();
        return said.Count == 0 ? "Nothing was said yet." : string.Join("\n", said);
    }

    private static async Task WithFile(ChatSession chat, string file, Action<string, ChatHistory, ChatSettings> use, string done)
    {
        try
        {
            if (file.Length == 0)
                throw new ChatFileException("A file is needed: /save FILE, /load FILE.");
            use(file, chat.History, chat.Settings);
            await chat.Tell($"{done} {file}: {chat.History.Turns.Count} questions with their answers.");
        }
        catch (Exception e) when (e is ChatFileException or IOException or UnauthorizedAccessException)
        {
            await chat.Tell($"error: {e.Message}");
        }
    }

    private static (string Name, string Value) Halves(string text)
    {
        var parts = text.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return (parts[0], parts.Length > 1 ? parts[1] : "");
    }
}
