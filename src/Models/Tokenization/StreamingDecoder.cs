using Splitwiser.Models.Tokenization.Decoders;

namespace Splitwiser.Models.Tokenization;

/// <summary>
/// Turns one stream of token ids into text as it comes. All texts given, the one of <see cref="Flush"/> last, make exactly
/// <see cref="Tokenizer.Decode"/> of all ids. The work for a token does not grow with the stream. For one reader at a time.
/// </summary>
public sealed class StreamingDecoder
{
    private readonly Tokenizer tokenizer;
    private readonly bool skipSpecialTokens;
    private readonly TextSink text = new();
    private TokenSink steps;

    public StreamingDecoder(Tokenizer tokenizer, bool skipSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        this.tokenizer = tokenizer;
        this.skipSpecialTokens = skipSpecialTokens;
        steps = tokenizer.OpenDecoder(text);
    }

    /// <summary>The text that is certain now; "" while bytes of a character are missing.</summary>
    public string Append(int id) => Append([id]);

    /// <summary>The text that is certain after these tokens.</summary>
    public string Append(ReadOnlySpan<int> ids)
    {
        foreach (var id in ids)
        {
            if (tokenizer.TokenText(id) is { } token && !(skipSpecialTokens && tokenizer.IsSpecial(id)))
                steps.Write(token, ends: true);
        }

        return text.Take();
    }

    /// <summary>What was held back, bytes of an incomplete character as U+FFFD. A new stream begins behind it.</summary>
    public string Flush()
    {
        steps.End();
        steps = tokenizer.OpenDecoder(text);
        return text.Take();
    }
}
