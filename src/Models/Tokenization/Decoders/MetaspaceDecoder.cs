using Splitwiser.Models.Tokenization.PreTokenizers;

namespace Splitwiser.Models.Tokenization.Decoders;

/// <summary>Reads the visible character for blanks as a space; the first token has lost its own where one was put in front.</summary>
internal sealed class MetaspaceDecoder(JsonPart part) : TokenDecoder
{
    private readonly string replacement = part["replacement"].Character();
    private readonly bool dropsFirst = MetaspaceSplit.ReadPrefix(part) != MetaspacePrefix.Never;

    public override TokenSink Open(TokenSink next) => new Sink(this, next);

    public override byte[]? Bytes(ref string token)
    {
        token = token.Replace(replacement, " ", StringComparison.Ordinal);
        return null;
    }

    private sealed class Sink(MetaspaceDecoder step, TokenSink next) : WholeTokenSink
    {
        private bool first = true;

        public override void End() => next.End();

        protected override void Token(ReadOnlySpan<char> token)
        {
            var blank = first && step.dropsFirst ? "" : " ";
            first = false;
            next.Write(token.ToString().Replace(step.replacement, blank, StringComparison.Ordinal), ends: true);
        }
    }
}
