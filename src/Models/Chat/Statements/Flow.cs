namespace Splitwiser.Models.Chat.Statements;

/// <summary>How it goes on behind a statement.</summary>
internal enum Flow
{
    Next,
    Break,
    Continue,
}
