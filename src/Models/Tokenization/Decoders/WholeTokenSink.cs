using System.Text;

namespace Splitwiser.Models.Tokenization.Decoders;

/// <summary>A step that needs each token's text in one piece.</summary>
internal abstract class WholeTokenSink : TokenSink
{
    private readonly StringBuilder begun = new();

    public sealed override void Write(ReadOnlySpan<char> text, bool ends)
    {
        if (ends && begun.Length == 0)
        {
            Token(text);
            return;
        }

        begun.Append(text);
        if (!ends)
            return;
        var token = begun.ToString();
        begun.Clear();
        Token(token);
    }

    protected abstract void Token(ReadOnlySpan<char> token);
}
