using System.Text;
using Splitwiser.Models.Tokenization.Patterns;

namespace Splitwiser.Models.Tokenization.Decoders;

/// <summary>Puts one text in the place of every match of a pattern, token by token.</summary>
internal sealed class ReplaceDecoder(JsonPart part) : TokenDecoder
{
    private readonly TextPattern pattern = TextPattern.Read(part["pattern"]);
    private readonly string content = part["content"].Text();

    public override TokenSink Open(TokenSink next) =>
        pattern.Literal is { } literal ? new LiteralSink(literal, content, next) : new ExpressionSink(this, next);

    public override byte[]? Bytes(ref string token)
    {
        token = pattern.Literal is { } literal ? token.Replace(literal, content, StringComparison.Ordinal) : Rewrite(token);
        return null;
    }

    private string Rewrite(ReadOnlySpan<char> token)
    {
        var result = new StringBuilder();
        foreach (var stretch in pattern.Cut(token))
            result.Append(stretch.Matches ? content : token[stretch.Start..stretch.End]);
        return result.ToString();
    }

    // A token may come in pieces (after Fuse): an end that could begin a match is held back.
    private sealed class LiteralSink(string literal, string content, TokenSink next) : TokenSink
    {
        private string held = "";

        public override void Write(ReadOnlySpan<char> text, bool ends)
        {
            if (held.Length > 0)
                text = string.Concat(held, text);
            for (int at; (at = text.IndexOf(literal)) >= 0; text = text[(at + literal.Length)..])
            {
                next.Write(text[..at], ends: false);
                next.Write(content, ends: false);
            }

            var keep = ends ? 0 : Math.Min(text.Length, literal.Length - 1);
            while (keep > 0 && !literal.AsSpan().StartsWith(text[^keep..]))
                keep--;
            held = text[^keep..].ToString();
            next.Write(text[..^keep], ends);
        }

        public override void End() => next.End();
    }

    private sealed class ExpressionSink(ReplaceDecoder step, TokenSink next) : WholeTokenSink
    {
        public override void End() => next.End();

        protected override void Token(ReadOnlySpan<char> token) => next.Write(step.Rewrite(token), ends: true);
    }
}
