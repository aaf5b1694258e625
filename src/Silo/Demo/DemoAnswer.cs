using System.Text;
using Splitwiser.Client;

namespace Splitwiser.Silo.Demo;

/// <summary>One prompt's answer while it streams. Written by its own stream, read by the view.</summary>
internal sealed class DemoAnswer(int number, string prompt, TimeProvider time)
{
    private readonly StringBuilder text = new();

    /// <summary>From 1.</summary>
    public int Number => number;

    public string Prompt => prompt;

    public AnswerClock Clock { get; } = new(time);

    public AnswerEnd? End { get; private set; }

    public string Text
    {
        get
        {
            lock (text)
                return text.ToString();
        }
    }

    public void Add(TextPiece piece)
    {
        Clock.Saw(piece.Tokens);
        lock (text)
            text.Append(piece.Text);
        End = piece.End ?? End;
    }
}
