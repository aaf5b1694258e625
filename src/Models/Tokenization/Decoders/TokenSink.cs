namespace Splitwiser.Models.Tokenization.Decoders;

/// <summary>
/// One step from tokens back to text, open for one stream: it takes each token's text, in pieces if need be, and hands on what is
/// certain. Decoding a whole text is a stream that ends at once, so both give the same by construction.
/// </summary>
internal abstract class TokenSink
{
    /// <summary>Takes the next piece of a token's text; <paramref name="ends"/> with the token's last piece.</summary>
    public abstract void Write(ReadOnlySpan<char> text, bool ends);

    /// <summary>No token follows: what was held back goes out.</summary>
    public abstract void End();
}
