using System.Text;

namespace Splitwiser.Chat;

/// <summary>
/// Thoughts between &lt;think&gt; and &lt;/think&gt; ahead of the answer, without the tags and the white space around them.
/// An answer that begins otherwise has no thoughts.
/// </summary>
internal sealed class Thoughts : IReadsCharacters
{
    private const string Opening = "<think>";
    private readonly PartList parts;
    private readonly IReadsCharacters answer;
    private readonly Marker closing;
    private readonly StringBuilder held = new(); // what could be the opening tag, or white space that may end the thoughts
    private Place place;
    private bool thought;

    public Thoughts(PartList parts, IReadsCharacters answer, bool begun)
    {
        (this.parts, this.answer) = (parts, answer);
        closing = new("</think>", Think);
        place = begun ? Place.Thinking : Place.Before;
    }

    private enum Place
    {
        Before,
        Thinking,
        Between,
        Answering,
    }

    public void Read(char character)
    {
        switch (place)
        {
            case Place.Before:
                Begin(character);
                break;
            case Place.Thinking when closing.Completes(character):
                held.Clear();
                place = Place.Between;
                break;
            case Place.Thinking:
            case Place.Between when char.IsWhiteSpace(character):
                break;
            default:
                place = Place.Answering;
                answer.Read(character);
                break;
        }
    }

    public void End()
    {
        if (place == Place.Thinking)
            closing.End();
        else if (place == Place.Before)
            Answer();
        answer.End();
    }

    private void Begin(char character)
    {
        held.Append(character);
        var tag = held.ToString().AsSpan().TrimStart();
        if (!Opening.AsSpan().StartsWith(tag))
        {
            Answer();
        }
        else if (tag.Length == Opening.Length)
        {
            held.Clear();
            place = Place.Thinking;
        }
    }

    private void Answer()
    {
        place = Place.Answering;
        for (var i = 0; i < held.Length; i++)
            answer.Read(held[i]);
        held.Clear();
    }

    private void Think(char character)
    {
        if (char.IsWhiteSpace(character))
        {
            if (thought)
                held.Append(character);
            return;
        }

        for (var i = 0; i < held.Length; i++)
            parts.Think(held[i]);
        held.Clear();
        thought = true;
        parts.Think(character);
    }
}
