namespace Splitwiser.Models.Tokenization.Decoders;

/// <summary>Reads the mark at a word's end as a space, in the last token as nothing; so each token waits for the next one.</summary>
internal sealed class WordSuffixDecoder(JsonPart part) : TokenDecoder
{
    private readonly string suffix = part["suffix"].Text() is { Length: > 0 } text ? text : throw part["suffix"].Wrong("a suffix");

    public override TokenSink Open(TokenSink next) => new Sink(suffix, next);

    public override byte[]? Bytes(ref string token)
    {
        token = token.Replace(suffix, " ", StringComparison.Ordinal);
        return null;
    }

    private sealed class Sink(string suffix, TokenSink next) : WholeTokenSink
    {
        private string? waiting;

        public override void End()
        {
            Give("");
            next.End();
        }

        protected override void Token(ReadOnlySpan<char> token)
        {
            Give(" ");
            waiting = token.ToString();
        }

        private void Give(string blank)
        {
            if (waiting is not null)
                next.Write(waiting.Replace(suffix, blank, StringComparison.Ordinal), ends: true);
        }
    }
}
