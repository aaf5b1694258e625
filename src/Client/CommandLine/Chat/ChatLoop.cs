using System.Text;

namespace Splitwiser.Client.CommandLine.Chat;

/// <summary>Reads lines: a command, or a question to the model.</summary>
internal sealed class ChatLoop(ChatSession chat, ILineSource lines)
{
    private const string Prompt = ">>> ";
    private const string MorePrompt = "... ";
    private const string Quotes = "\"\"\"";

    public async Task Run(CancellationToken ct)
    {
        while (Next() is { } line)
        {
            ct.ThrowIfCancellationRequested();
            if (line.StartsWith("//", StringComparison.Ordinal))
                await chat.Ask(line[1..], ct);
            else if (!line.StartsWith('/'))
                await chat.Ask(line, ct);
            else if (SlashCommand.Exit.Contains(line))
                return;
            else
                await Do(line, ct);
        }
    }

    private Task Do(string line, CancellationToken ct)
    {
        var name = line.Split(' ', 2)[0];
        return SlashCommand.Find(name) is { } command
            ? command.Run(chat, line[name.Length..].Trim(), ct)
            : chat.Tell($"There is no command {name}; /help lists them. Nothing was sent.");
    }

    /// <summary>The next text that is not empty; null at the end.</summary>
    private string? Next()
    {
        while (lines.Next(Prompt) is { } line)
        {
            var text = line.StartsWith(Quotes, StringComparison.Ordinal) ? Several(line[Quotes.Length..]) : line.Trim();
            if (text.Length > 0)
                return text;
        }

        return null;
    }

    /// <summary>All up to the closing quotes, or the end.</summary>
    private string Several(string first)
    {
        var text = new StringBuilder();
        for (var line = first; line is not null; line = lines.Next(MorePrompt))
        {
            if (line.TrimEnd().EndsWith(Quotes, StringComparison.Ordinal))
            {
                text.Append(line.TrimEnd()[..^Quotes.Length]);
                break;
            }

            text.Append(line).Append('\n');
        }

        return text.ToString().Trim();
    }
}
