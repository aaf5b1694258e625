using System.Collections.Immutable;

namespace Splitwiser.Chat;

/// <summary>
/// Takes an answer's text as it comes and tells thoughts, speech and calls of tools apart. A machine that reads character by
/// character, so the parts of one kind join to the same text however the answer was cut into pieces.
/// </summary>
public sealed class AnswerReader
{
    private readonly PartList parts = new();
    private readonly IReadsCharacters first;

    public AnswerReader(AnswerFormat format)
    {
        ArgumentNullException.ThrowIfNull(format);
        IReadsCharacters calls = format.ToolCalls switch
        {
            ToolCallFormat.Hermes => new HermesCalls(parts),
            ToolCallFormat.Llama3 => new Llama3Calls(parts, format.Tools),
            ToolCallFormat.Mistral => new MistralCalls(parts),
            _ => new Speech(parts),
        };
        first = format.Thinks || format.BeginsThinking ? new Thoughts(parts, calls, format.BeginsThinking) : calls;
    }

    /// <summary>Calls that have begun so far.</summary>
    public int CallCount => parts.CallCount;

    /// <summary>The parts that are certain with this text.</summary>
    public ImmutableArray<AnswerPart> Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (var character in text)
            first.Read(character);
        return parts.Take();
    }

    /// <summary>What was held back, when no text follows.</summary>
    public ImmutableArray<AnswerPart> End()
    {
        first.End();
        return parts.Take();
    }
}

/// <summary>A stage of an <see cref="AnswerReader"/>.</summary>
internal interface IReadsCharacters
{
    void Read(char character);

    /// <summary>No character follows: gives what was held back.</summary>
    void End();
}
