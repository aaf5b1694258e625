using System.Text;

namespace Splitwiser.Models.Tokenization.Decoders;

/// <summary>Reads tokens as bytes and the bytes of all tokens as one UTF-8 text; what is no UTF-8 becomes U+FFFD.</summary>
internal sealed class ByteLevelDecoder : TokenDecoder
{
    public override TokenSink Open(TokenSink next) => new Sink(next);

    public override byte[] Bytes(ref string token) => ByteAlphabet.Read(token);

    private sealed class Sink(TokenSink next) : WholeTokenSink
    {
        private readonly Decoder utf8 = Encoding.UTF8.GetDecoder(); // keeps the bytes of a character that is not whole yet

        public override void End()
        {
            Give([], flush: true);
            next.Write("", ends: true);
            next.End();
        }

        protected override void Token(ReadOnlySpan<char> token) => Give(ByteAlphabet.Read(token), flush: false);

        private void Give(ReadOnlySpan<byte> bytes, bool flush)
        {
            Span<char> characters = bytes.Length < 256 ? stackalloc char[260] : new char[bytes.Length + 4];
            var count = utf8.GetChars(bytes, characters, flush);
            next.Write(characters[..count], ends: false);
        }
    }
}
