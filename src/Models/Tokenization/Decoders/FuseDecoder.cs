namespace Splitwiser.Models.Tokenization.Decoders;

/// <summary>Makes one token of all.</summary>
internal sealed class FuseDecoder : TokenDecoder
{
    public override TokenSink Open(TokenSink next) => new Sink(next);

    private sealed class Sink(TokenSink next) : TokenSink
    {
        public override void Write(ReadOnlySpan<char> text, bool ends) => next.Write(text, ends: false);

        public override void End()
        {
            next.Write("", ends: true);
            next.End();
        }
    }
}
