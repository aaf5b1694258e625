using System.Collections.Immutable;
using System.Text;

namespace Splitwiser.Chat;

/// <summary>Parts on their way out; characters of one kind in a row become one part.</summary>
internal sealed class PartList
{
    private readonly ImmutableArray<AnswerPart>.Builder parts = ImmutableArray.CreateBuilder<AnswerPart>();
    private readonly StringBuilder text = new();
    private AnswerPartKind kind;

    /// <summary>Calls that have begun.</summary>
    public int CallCount { get; private set; }

    public void Say(char character) => Add(AnswerPartKind.Said, character);

    public void Think(char character) => Add(AnswerPartKind.Thought, character);

    public void BeginCall(string name)
    {
        Close();
        parts.Add(new(AnswerPartKind.CallName, name, CallCount++));
    }

    /// <summary>Of the call that began last.</summary>
    public void Argue(char character) => Add(AnswerPartKind.CallArguments, character);

    public ImmutableArray<AnswerPart> Take()
    {
        Close();
        return parts.DrainToImmutable();
    }

    private void Add(AnswerPartKind next, char character)
    {
        if (next != kind)
            Close();
        kind = next;
        text.Append(character);
    }

    private void Close()
    {
        if (text.Length > 0)
            parts.Add(new(kind, text.ToString(), kind == AnswerPartKind.CallArguments ? CallCount - 1 : 0));
        text.Clear();
    }
}
