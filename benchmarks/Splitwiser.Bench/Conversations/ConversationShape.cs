namespace Splitwiser.Bench.Conversations;

/// <param name="Count">Conversations, which all begin with the same system prompt.</param>
/// <param name="AtOnce">Turns that are answered at a time.</param>
internal sealed record ConversationShape(int Count, int Turns, int SystemTokens, int UserTokens, int AnswerTokens, int AtOnce)
{
    public bool IsPossible => Math.Min(Math.Min(Count, Turns), Math.Min(Math.Min(UserTokens, AnswerTokens), AtOnce)) >= 1 && SystemTokens >= 0;

    /// <summary>Of the longest sequence.</summary>
    public int Length => SystemTokens + Turns * (UserTokens + AnswerTokens);
}
