namespace Splitwiser.Chat;

/// <summary>A piece of an answer: parts of one kind and call that follow each other belong together.</summary>
/// <param name="Text">What is said or thought, a call's function, or a piece of its arguments' JSON.</param>
/// <param name="Call">Which call of the answer, from 0; 0 for other kinds.</param>
public readonly record struct AnswerPart(AnswerPartKind Kind, string Text, int Call = 0);

public enum AnswerPartKind
{
    /// <summary>Meant for the user.</summary>
    Said,

    /// <summary>Thoughts ahead of the answer.</summary>
    Thought,

    /// <summary>A call begins; the text is the function's name.</summary>
    CallName,

    /// <summary>The call's arguments go on.</summary>
    CallArguments,
}
