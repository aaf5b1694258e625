namespace Splitwiser.Chat;

/// <summary>Finds a marker in text that comes character by character (Knuth, Morris and Pratt) and holds back what could begin it.</summary>
internal sealed class Marker
{
    private readonly string text;
    private readonly Action<char> released;
    private readonly int[] borders; // (text.Length) borders[i]: length of the longest proper prefix of the marker that also ends text[..(i + 1)]
    private int matched;

    /// <param name="released">Takes what turned out to be no part of a marker.</param>
    public Marker(string text, Action<char> released)
    {
        (this.text, this.released) = (text, released);
        borders = new int[text.Length];
        for (int i = 1, border = 0; i < text.Length; i++)
        {
            while (border > 0 && text[border] != text[i])
                border = borders[border - 1];
            if (text[border] == text[i])
                border++;
            borders[i] = border;
        }
    }

    /// <summary>True when the marker is complete with this character.</summary>
    public bool Completes(char character)
    {
        while (matched > 0 && text[matched] != character)
        {
            var border = borders[matched - 1];
            Release(matched - border);
            matched = border;
        }

        if (text[matched] != character)
        {
            released(character);
            return false;
        }

        if (++matched < text.Length)
            return false;
        matched = 0;
        return true;
    }

    /// <summary>Releases what was held back.</summary>
    public void End()
    {
        Release(matched);
        matched = 0;
    }

    private void Release(int count)
    {
        for (var i = 0; i < count; i++)
            released(text[i]);
    }
}
