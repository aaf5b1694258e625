using System.Text;

namespace Splitwiser.Models.Tokenization.Decoders;

/// <summary>Takes a character away from each token's start and end, up to given counts.</summary>
internal sealed class StripDecoder(JsonPart part) : TokenDecoder
{
    private readonly string content = part["content"].Character();
    private readonly int start = part["start"].Count();
    private readonly int stop = part["stop"].Count();

    public override TokenSink Open(TokenSink next) => new Sink(this, next);

    // A token may come in pieces and be long (after Fuse): only what could still be stripped at its end is held back.
    private sealed class Sink(StripDecoder step, TokenSink next) : TokenSink
    {
        private int left = step.start; // how many may still go at the token's start
        private int held; // contents at the end so far, at most step.stop

        public override void Write(ReadOnlySpan<char> text, bool ends)
        {
            for (; left > 0 && text.StartsWith(step.content); left--)
                text = text[step.content.Length..];
            if (!text.IsEmpty)
            {
                left = 0;
                Give(text);
            }

            if (!ends)
                return;
            next.Write("", ends: true);
            left = step.start;
            held = 0;
        }

        public override void End() => next.End();

        private void Give(ReadOnlySpan<char> text)
        {
            var size = step.content.Length;
            var count = 0;
            for (; count < step.stop && text.EndsWith(step.content); count++)
                text = text[..^size];
            if (text.IsEmpty)
            {
                count += held; // the whole piece may be stripped: what is too much goes out
                Repeat(count - step.stop);
                held = Math.Min(count, step.stop);
                return;
            }

            Repeat(held);
            next.Write(text, ends: false);
            held = count;
        }

        private void Repeat(int count)
        {
            if (count > 0)
                next.Write(new StringBuilder().Insert(0, step.content, count).ToString(), ends: false);
        }
    }
}
