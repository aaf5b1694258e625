using System.Text;

namespace Splitwiser.Models.Tokenization.Decoders;

/// <summary>The end of the steps: joins all texts.</summary>
internal sealed class TextSink : TokenSink
{
    private readonly StringBuilder text = new();

    public override void Write(ReadOnlySpan<char> text, bool ends) => this.text.Append(text);

    public override void End()
    {
    }

    /// <summary>What has come since the last call.</summary>
    public string Take()
    {
        var taken = text.ToString();
        text.Clear();
        return taken;
    }
}
