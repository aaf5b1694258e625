using System.Globalization;
using System.Text;
using Microsoft.Extensions.AI;

namespace Splitwiser.Client.CommandLine.Chat;

/// <summary>Writes one answer as it comes: thoughts dimmed, and only where a person reads; then, there too, its timings.</summary>
internal sealed class AnswerView(Terminal terminal, bool showThoughts)
{
    private const string Dim = "\e[2m";
    private const string Plain = "\e[0m";

    private readonly StringBuilder said = new();
    private readonly AnswerClock clock = new(terminal.Time);
    private bool thinking;
    private bool wrote;
    private UsageDetails? usage;
    private ChatFinishReason? finish;

    /// <summary>Without the thoughts: templates leave those of earlier turns out.</summary>
    public string Text => said.ToString().TrimStart('\n');

    public async Task Write(ChatResponseUpdate update)
    {
        finish = update.FinishReason ?? finish;
        foreach (var content in update.Contents)
        {
            if (content is TextContent or TextReasoningContent)
                clock.Saw(1); // a piece; how many tokens it has the server doesn't tell
            await (content switch
            {
                TextReasoningContent thought when showThoughts && terminal.IsWatched => Think(thought.Text),
                TextContent text => Say(text.Text),
                _ => Task.CompletedTask,
            });
            usage = (content as UsageContent)?.Details ?? usage;
        }
    }

    /// <param name="stopped">By the reader.</param>
    public async Task End(bool stopped)
    {
        await StopThinking();
        if (wrote || !terminal.IsWatched)
            await terminal.Output.WriteLineAsync();
        if (!terminal.IsWatched)
            return;
        var rate = usage is { OutputTokenCount: > 1 and var tokens } && clock.Total > clock.FirstToken ? (tokens - 1) / (clock.Total - clock.FirstToken.Value).TotalSeconds : (double?)null;
        var words = stopped ? "stopped" : usage is null ? "" : string.Create(CultureInfo.InvariantCulture,
            $"{usage.InputTokenCount} + {usage.OutputTokenCount} tokens, the first after {clock.FirstToken?.TotalMilliseconds ?? 0:F0} ms{(rate is null ? "" : $", {rate:F1} a second")}{(finish == ChatFinishReason.Length ? ", cut by max_tokens or the context's end" : "")}");
        await Dimmed($"[{words}]\n");
    }

    /// <summary>It ends without having been completed.</summary>
    public async Task Break()
    {
        var any = wrote;
        await StopThinking();
        if (any)
            await terminal.Output.WriteLineAsync();
    }

    private async Task Say(string text)
    {
        await StopThinking();
        said.Append(text);
        if (!wrote)
            text = text.TrimStart('\n');
        await Put(text);
    }

    private async Task Think(string text)
    {
        if (!thinking)
            await terminal.Output.WriteAsync(terminal.HasColours ? Dim : "(thinks)\n");
        thinking = true;
        await Put(text);
    }

    private async Task StopThinking()
    {
        if (!thinking)
            return;
        thinking = false;
        await terminal.Output.WriteAsync(terminal.HasColours ? $"{Plain}\n\n" : "\n(answers)\n");
        wrote = false;
    }

    private async Task Put(string text)
    {
        wrote |= text.Length > 0;
        await terminal.Output.WriteAsync(text);
        await terminal.Output.FlushAsync();
    }

    private Task Dimmed(string text) => terminal.Output.WriteAsync(terminal.HasColours ? $"{Dim}{text}{Plain}" : text);
}
