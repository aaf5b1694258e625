using System.Text;

namespace Splitwiser.Chat;

/// <summary>Calls behind [TOOL_CALLS]: a list of objects, or a function's name and its arguments. What is neither is said, marker included.</summary>
internal sealed class MistralCalls : IReadsCharacters
{
    private const string Opening = "[TOOL_CALLS]";
    private readonly PartList parts;
    private readonly SpeechAroundCalls speech;
    private readonly Marker opening;
    private readonly CallObject call;
    private readonly StringBuilder held = new(); // marker and what follows it, until a call is told
    private JsonExtent arguments;
    private Place place;

    public MistralCalls(PartList parts)
    {
        this.parts = parts;
        speech = new(parts);
        opening = new(Opening, speech.Read);
        call = new(parts, _ => Tell());
    }

    private enum Place
    {
        Speech,
        Marked,
        List,
        Object,
        Name,
        Arguments,
    }

    public void Read(char character)
    {
        switch (place)
        {
            case Place.Speech:
                Search(character);
                break;
            case Place.Marked:
                Choose(character);
                break;
            case Place.List:
                Next(character);
                break;
            case Place.Object:
                Go(character);
                break;
            case Place.Name:
                Name(character);
                break;
            default:
                parts.Argue(character);
                if (arguments.Takes(character) && arguments.Ended)
                    place = Place.Speech;
                break;
        }
    }

    public void End()
    {
        opening.End();
        if (place == Place.Object && !call.Told)
            held.Append(call.Raw);
        GiveUp();
        speech.End();
    }

    private void Search(char character)
    {
        if (!opening.Completes(character))
            return;
        held.Append(Opening);
        place = Place.Marked;
    }

    private void Choose(char character)
    {
        if (char.IsWhiteSpace(character))
        {
            held.Append(character);
        }
        else if (character == '[')
        {
            held.Append(character);
            place = Place.List;
        }
        else if (character == '{')
        {
            Next(character);
        }
        else
        {
            place = Place.Name;
            Name(character);
        }
    }

    private void Next(char character)
    {
        if (character == '{')
        {
            call.Reset();
            place = Place.Object;
            Go(character);
        }
        else if (character == ']')
        {
            GiveUp();
        }
        else if (character != ',' && !char.IsWhiteSpace(character))
        {
            GiveUp();
            Search(character);
        }
    }

    private void Go(char character)
    {
        call.Read(character);
        if (call.IsComplete)
        {
            place = Place.List;
        }
        else if (call.IsBroken)
        {
            if (!call.Told)
                held.Append(call.Raw);
            GiveUp();
        }
    }

    /// <summary>Newer models: <c>f[ARGS]{...}</c>, <c>f[CALL_ID]123456789[ARGS]{...}</c> or <c>f{...}</c>.</summary>
    private void Name(char character)
    {
        if (character != '{')
        {
            held.Append(character);
            if (character is '\n' or '}' or '"')
                GiveUp();
            return;
        }

        var written = held.ToString(Opening.Length, held.Length - Opening.Length).Trim();
        var name = written.Split('[')[0];
        if (name.Length == 0 || !name.All(part => char.IsAsciiLetterOrDigit(part) || part is '_' or '-' or '.'))
        {
            held.Append(character);
            GiveUp();
            return;
        }

        Tell();
        parts.BeginCall(name);
        parts.Argue(character);
        arguments = default;
        arguments.Takes(character);
        place = Place.Arguments;
    }

    private bool Tell()
    {
        speech.CallBegins();
        held.Clear();
        return true;
    }

    private void GiveUp()
    {
        speech.Read(held.ToString());
        held.Clear();
        place = Place.Speech;
    }
}
