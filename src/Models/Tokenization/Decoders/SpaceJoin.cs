namespace Splitwiser.Models.Tokenization.Decoders;

/// <summary>What stands in for a decoder where there is none: tokens with a space between them.</summary>
internal sealed class SpaceJoin : TokenDecoder
{
    public override TokenSink Open(TokenSink next) => new Sink(next);

    private sealed class Sink(TokenSink next) : WholeTokenSink
    {
        private bool first = true;

        public override void End() => next.End();

        protected override void Token(ReadOnlySpan<char> token)
        {
            if (!first)
                next.Write(" ", ends: true);
            first = false;
            next.Write(token, ends: true);
        }
    }
}
