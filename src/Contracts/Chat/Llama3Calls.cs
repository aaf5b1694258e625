using System.Collections.Immutable;
using System.Text;

namespace Splitwiser.Chat;

/// <summary>
/// An answer that is calls and nothing else: objects apart by semicolons or commas, perhaps behind &lt;|python_tag|&gt;. An object
/// counts only when it names a tool, for without a tag any JSON could be the answer itself.
/// </summary>
internal sealed class Llama3Calls : IReadsCharacters
{
    private const string Tag = "<|python_tag|>";
    private readonly SpeechAroundCalls speech;
    private readonly CallObject call;
    private readonly StringBuilder held = new(); // white space and tag ahead of the first call
    private Place place;

    public Llama3Calls(PartList parts, ImmutableArray<string> tools)
    {
        speech = new(parts);
        call = new(parts, name =>
        {
            if (!tools.Contains(name))
                return false;
            speech.CallBegins();
            held.Clear();
            return true;
        });
    }

    private enum Place
    {
        Before,
        Call,
        Between,
        Speech,
    }

    public void Read(char character)
    {
        switch (place)
        {
            case Place.Before:
                Begin(character);
                break;
            case Place.Call:
                Go(character);
                break;
            case Place.Between when character == '{':
                call.Reset();
                place = Place.Call;
                Go(character);
                break;
            case Place.Between when character is ';' or ',' || char.IsWhiteSpace(character):
                break;
            default:
                place = Place.Speech;
                speech.Read(character);
                break;
        }
    }

    public void End()
    {
        if (place == Place.Before)
            speech.Read(held.ToString());
        else if (place == Place.Call && !call.Told)
            speech.Read(held + call.Raw);
        speech.End();
    }

    private void Begin(char character)
    {
        var tag = held.ToString().TrimStart();
        if (character == '{' && tag is "" or Tag)
        {
            place = Place.Call;
            Go(character);
        }
        else if (Tag.StartsWith(tag + character, StringComparison.Ordinal) || (char.IsWhiteSpace(character) && tag is "" or Tag))
        {
            held.Append(character);
        }
        else
        {
            speech.Read(held.ToString());
            held.Clear();
            place = Place.Speech;
            speech.Read(character);
        }
    }

    private void Go(char character)
    {
        call.Read(character);
        if (call.IsComplete)
        {
            place = Place.Between;
        }
        else if (call.IsBroken)
        {
            if (!call.Told)
                speech.Read(held + call.Raw);
            held.Clear();
            place = Place.Speech;
        }
    }
}
