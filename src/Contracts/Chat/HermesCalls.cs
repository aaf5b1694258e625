namespace Splitwiser.Chat;

/// <summary>Calls between &lt;tool_call&gt; tags. What stands between the tags and is no call is said, opening tag included.</summary>
internal sealed class HermesCalls : IReadsCharacters
{
    private const string Opening = "<tool_call>";
    private readonly SpeechAroundCalls speech;
    private readonly Marker opening;
    private readonly Marker closing;
    private readonly CallObject call;
    private Place place;

    public HermesCalls(PartList parts)
    {
        speech = new(parts);
        opening = new(Opening, speech.Read);
        closing = new("</tool_call>", _ => { });
        call = new(parts, _ =>
        {
            speech.CallBegins();
            return true;
        });
    }

    private enum Place
    {
        Speech,
        Call,
        Closing,
    }

    public void Read(char character)
    {
        switch (place)
        {
            case Place.Speech when opening.Completes(character):
                call.Reset();
                place = Place.Call;
                break;
            case Place.Call:
                call.Read(character);
                AfterCall();
                break;
            case Place.Closing when closing.Completes(character):
                place = Place.Speech;
                break;
        }
    }

    public void End()
    {
        if (place == Place.Speech)
            opening.End();
        else if (place == Place.Call && !call.Told)
            speech.Read(Opening + call.Raw);
        speech.End();
    }

    private void AfterCall()
    {
        if (call.IsComplete || (call.IsBroken && call.Told))
        {
            place = Place.Closing;
        }
        else if (call.IsBroken)
        {
            speech.Read(Opening + call.Raw);
            place = Place.Speech;
        }
    }
}
