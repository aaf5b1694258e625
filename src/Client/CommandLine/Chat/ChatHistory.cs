using Microsoft.Extensions.AI;

namespace Splitwiser.Client.CommandLine.Chat;

/// <summary>What was said so far. A question stands in it once it has its answer; before that it is asked apart, so that a refusal takes nothing away.</summary>
internal sealed class ChatHistory
{
    private readonly List<(string Question, string Answer)> turns = [];

    /// <summary>Said before everything; null for nothing.</summary>
    public string? System { get; set; }

    public IReadOnlyList<(string Question, string Answer)> Turns => turns;

    public void Add(string question, string answer) => turns.Add((question, answer));

    /// <summary>An answer that takes the place of the turns from this one on.</summary>
    public void Put(int turn, string question, string answer)
    {
        turns.RemoveRange(turn, turns.Count - turn);
        Add(question, answer);
    }

    /// <summary>The last question, taken out with its answer; null when there is none.</summary>
    public string? Undo()
    {
        if (turns.Count == 0)
            return null;
        var question = turns[^1].Question;
        turns.RemoveAt(turns.Count - 1);
        return question;
    }

    public void Clear() => turns.Clear();

    /// <summary>What to send for a question that stands behind the first so many turns.</summary>
    public IEnumerable<ChatMessage> Ask(string question, int turnCount) => [.. Messages(turnCount), new ChatMessage(ChatRole.User, question)];

    public IEnumerable<ChatMessage> Messages() => Messages(turns.Count);

    private IEnumerable<ChatMessage> Messages(int turnCount)
    {
        if (System is not null)
            yield return new(ChatRole.System, System);
        foreach (var (question, answer) in turns.Take(turnCount))
        {
            yield return new(ChatRole.User, question);
            yield return new(ChatRole.Assistant, answer);
        }
    }
}
