using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Splitwiser.Models.Tokenization.Decoders;

/// <summary>
/// Reads runs of tokens such as &lt;0x0A&gt; as bytes. A run counts as a whole: it is UTF-8 text, or each of its bytes becomes U+FFFD;
/// so its text is certain only behind it.
/// </summary>
internal sealed class ByteFallbackDecoder : TokenDecoder
{
    public override TokenSink Open(TokenSink next) => new Sink(next);

    public override byte[]? Bytes(ref string token) => TryByte(token, out var value) ? [value] : null;

    private static bool TryByte(ReadOnlySpan<char> token, out byte value)
    {
        value = 0;
        return token.Length == 6 && token.StartsWith("<0x") && token[5] == '>'
            && byte.TryParse(token[3..5], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    private sealed class Sink(TokenSink next) : WholeTokenSink
    {
        private readonly List<byte> run = [];

        public override void End()
        {
            EndRun();
            next.End();
        }

        protected override void Token(ReadOnlySpan<char> token)
        {
            if (TryByte(token, out var value))
            {
                run.Add(value);
                return;
            }

            EndRun();
            next.Write(token, ends: true);
        }

        private void EndRun()
        {
            if (run.Count == 0)
                return;
            var bytes = run.ToArray();
            run.Clear();
            if (Utf8.IsValid(bytes))
            {
                next.Write(Encoding.UTF8.GetString(bytes), ends: true);
                return;
            }

            foreach (var _ in bytes)
                next.Write("\uFFFD", ends: true);
        }
    }
}
