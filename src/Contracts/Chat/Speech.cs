using System.Text;

namespace Splitwiser.Chat;

/// <summary>What is said as it stands.</summary>
internal sealed class Speech(PartList parts) : IReadsCharacters
{
    public void Read(char character) => parts.Say(character);

    public void End()
    {
        // Nothing is held back.
    }
}

/// <summary>What is said around calls: without the white space between speech and call, and between call and call.</summary>
internal sealed class SpeechAroundCalls(PartList parts)
{
    private readonly StringBuilder space = new(); // held back: a call may follow it
    private bool behindCall;

    public void Read(char character)
    {
        if (char.IsWhiteSpace(character))
        {
            if (!behindCall)
                space.Append(character);
            return;
        }

        Release();
        behindCall = false;
        parts.Say(character);
    }

    public void Read(string text)
    {
        foreach (var character in text)
            Read(character);
    }

    public void CallBegins()
    {
        space.Clear();
        behindCall = true;
    }

    public void End() => Release();

    private void Release()
    {
        for (var i = 0; i < space.Length; i++)
            parts.Say(space[i]);
        space.Clear();
    }
}
