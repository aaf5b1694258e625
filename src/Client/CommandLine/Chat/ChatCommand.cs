using System.CommandLine;
using Splitwiser.Client.CommandLine.Servers;

namespace Splitwiser.Client.CommandLine.Chat;

/// <summary>chat: questions and answers, typed or piped.</summary>
internal sealed class ChatCommand(Terminal terminal)
{
    private readonly ServerOptions servers = new();
    private readonly Option<string?> model = new("--model") { Description = "Served model name; the one that is served when absent.", HelpName = "NAME" };
    private readonly Option<string?> system = new("--system") { Description = "What the model is told before everything.", HelpName = "TEXT" };
    private readonly Option<string?> load = new("--load") { Description = "Goes on with a saved chat.", HelpName = "FILE" };
    private readonly Option<bool> hideThoughts = new("--hide-thoughts") { Description = "Doesn't show what a model thinks before it answers." };
    private readonly List<(string Name, Option<string?> Option)> settings =
        [.. ChatSetting.All.Select(setting => (setting.Name, new Option<string?>($"--{setting.Name.Replace('_', '-')}") { Description = $"As by /set: {setting.Meaning}.", HelpName = "VALUE" }))];

    public Command Create()
    {
        var command = new Command("chat", "Chats with the model: /help in it lists its commands. Piped lines are questions, one each; then answers alone are printed.") { model, system, load, hideThoughts };
        foreach (var (_, option) in settings)
            command.Options.Add(option);
        servers.AddTo(command);
        command.SetAction((parsed, cancelled) => servers.RunUncancelled(terminal, parsed, cancelled, (server, ct) => Run(server, parsed, ct)));
        return command;
    }

    private async Task<int> Run(IServer server, ParseResult parsed, CancellationToken ct)
    {
        using var stop = new StopKey();
        using var client = server.Chat(parsed.GetValue(model));
        var typed = terminal.CanEdit ? new TypedLines(terminal) : null;
        var chat = new ChatSession(terminal, client, server.Address, stop, !parsed.GetValue(hideThoughts)) { Stopped = typed is null ? null : typed.WasStopped };
        if (!Prepare(chat, parsed, out var problem))
            return await terminal.Fail(problem, ExitCode.Usage);
        if (typed is not null)
            await chat.Tell($"{await Named(server, parsed.GetValue(model), ct)} at {server.Address}. /help lists the commands, Ctrl-C stops an answer, Ctrl-D ends.");
        await new ChatLoop(chat, typed ?? (ILineSource)new PipedLines(terminal.Input)).Run(ct);
        return typed is null && chat.Failures > 0 ? ExitCode.Failed : ExitCode.Success;
    }

    /// <summary>Also finds out, before anything is typed, whether the server is there.</summary>
    private static async Task<string> Named(IServer server, string? model, CancellationToken ct)
    {
        var served = await server.Models(ct);
        return model ?? (served.IsEmpty ? "no model" : served[0].Id);
    }

    private bool Prepare(ChatSession chat, ParseResult parsed, out string problem)
    {
        problem = "";
        try
        {
            if (parsed.GetValue(load) is { } file)
                ChatFile.Load(file, chat.History, chat.Settings);
        }
        catch (Exception e) when (e is ChatFileException or IOException or UnauthorizedAccessException)
        {
            problem = $"--load: {e.Message}";
            return false;
        }

        chat.History.System = parsed.GetValue(system) ?? chat.History.System;
        foreach (var (name, option) in settings)
        {
            if (parsed.GetValue(option) is { } value && !chat.Settings.TrySet(name, value, out problem))
            {
                problem = $"--{problem}";
                return false;
            }
        }

        return true;
    }
}
