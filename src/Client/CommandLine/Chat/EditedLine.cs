using System.Globalization;

namespace Splitwiser.Client.CommandLine.Chat;

/// <summary>A line while it is typed: its text, the caret, and the earlier lines that the arrow keys bring back.</summary>
internal sealed class EditedLine(IReadOnlyList<string> earlier)
{
    private int place = earlier.Count; // in the earlier lines; their count is the new line
    private string draft = "";         // the new line while an earlier one is looked at

    public string Text { get; private set; } = "";

    /// <summary>Index in the text, always between two characters as people count them.</summary>
    public int Caret { get; private set; }

    public void Insert(string text)
    {
        Text = Text.Insert(Caret, text);
        Caret += text.Length;
    }

    public void Left() => Caret = Before(Caret);

    public void Right() => Caret = After(Caret);

    public void Home() => Caret = 0;

    public void End() => Caret = Text.Length;

    public void WordLeft() => Caret = WordStart();

    public void WordRight()
    {
        while (Caret < Text.Length && char.IsWhiteSpace(Text[Caret])) Caret++;
        while (Caret < Text.Length && !char.IsWhiteSpace(Text[Caret])) Caret++;
    }

    public void Backspace() => CutTo(Before(Caret));

    public void Delete() => Text = Text.Remove(Caret, After(Caret) - Caret);

    public void CutWord() => CutTo(WordStart());

    public void CutToStart() => CutTo(0);

    public void CutToEnd() => Text = Text[..Caret];

    public void Earlier() => Show(place - 1);

    public void Later() => Show(place + 1);

    private void Show(int index)
    {
        if (index < 0 || index > earlier.Count)
            return;
        if (place == earlier.Count)
            draft = Text;
        place = index;
        Text = index == earlier.Count ? draft : earlier[index];
        Caret = Text.Length;
    }

    private void CutTo(int start)
    {
        Text = Text.Remove(start, Caret - start);
        Caret = start;
    }

    private int WordStart()
    {
        var at = Caret;
        while (at > 0 && char.IsWhiteSpace(Text[at - 1])) at--;
        while (at > 0 && !char.IsWhiteSpace(Text[at - 1])) at--;
        return at;
    }

    private int After(int index) => index == Text.Length ? index : index + StringInfo.GetNextTextElementLength(Text, index);

    private int Before(int index)
    {
        var start = 0;
        while (After(start) < index)
            start = After(start);
        return start;
    }
}
