using Microsoft.Extensions.AI;
using Splitwiser.Client.CommandLine.Servers;

namespace Splitwiser.Client.CommandLine.Chat;

/// <summary>One chat: asks, streams the answer to the terminal, and keeps what was said.</summary>
internal sealed class ChatSession(Terminal terminal, IChatClient client, string address, StopKey stop, bool showThoughts)
{
    private string? unanswered; // a question that was refused or stopped before its answer began

    public ChatHistory History { get; } = new();

    public ChatSettings Settings { get; } = new();

    /// <summary>Turns that failed.</summary>
    public int Failures { get; private set; }

    /// <summary>Told of an answer that its reader stopped.</summary>
    public Action? Stopped { get; init; }

    public Task Ask(string question, CancellationToken ct) => Ask(question, History.Turns.Count, ct);

    /// <summary>Asks the last question again: the one that has no answer, or else the last that has one, which the new one replaces.</summary>
    public Task AskAgain(CancellationToken ct) => (unanswered, History.Turns) switch
    {
        ({ } question, _) => Ask(question, ct),
        (_, [.., var (question, _)]) => Ask(question, History.Turns.Count - 1, ct),
        _ => Tell("Nothing was asked yet."),
    };

    public async Task Undo() => await Tell(History.Undo() is { } question ? $"Taken back: {question}" : "There is nothing to take back.");

    public void Clear()
    {
        History.Clear();
        unanswered = null;
    }

    /// <summary>A word of ours, not the model's: out of the way where the output is a file.</summary>
    public Task Tell(string text) => (terminal.IsWatched ? terminal.Output : terminal.Errors).WriteLineAsync(text);

    /// <param name="turn">Which turn it becomes; those from it on give way once the answer is there.</param>
    private async Task Ask(string question, int turn, CancellationToken ct)
    {
        var view = new AnswerView(terminal, showThoughts);
        var stopped = false;
        var token = stop.Begin(ct);
        unanswered = question;
        try
        {
            await foreach (var update in client.GetStreamingResponseAsync(History.Ask(question, turn), Settings.Options(), token))
                await view.Write(update);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            stopped = true;
            Stopped?.Invoke();
        }
        catch (Exception e) when (ServerFailure.Of(e, address) is { } problem)
        {
            Failures++;
            await view.Break();
            await terminal.Fail(terminal.IsWatched ? $"{problem}\nThe chat is as it was; /retry asks again." : problem);
            return;
        }
        finally
        {
            stop.End();
        }

        await view.End(stopped);
        if (stopped && view.Text.Length == 0)
            return;
        History.Put(turn, question, view.Text);
        unanswered = null;
    }
}
