namespace Splitwiser.Models.Tokenization.Decoders;

/// <summary>The way from tokens back to text, as tokenizer.json describes it.</summary>
internal abstract class TokenDecoder
{
    /// <summary>Opens this step for one stream; what it gives goes to <paramref name="next"/>.</summary>
    public abstract TokenSink Open(TokenSink next);

    /// <summary>The bytes that a token stands for wherever it is, nothing where this step leaves its text as it is.</summary>
    public virtual byte[]? Bytes(ref string token) => null;

    public static TokenDecoder Read(JsonPart? given)
    {
        if (given is not { } part)
            return new SpaceJoin();
        var type = part["type"];
        return type.Text() switch
        {
            "Sequence" => new DecoderSequence([.. part["decoders"].Items().Select(item => Read(item))]),
            "ByteLevel" => new ByteLevelDecoder(),
            "ByteFallback" => new ByteFallbackDecoder(),
            "Fuse" => new FuseDecoder(),
            "Strip" => new StripDecoder(part),
            "Replace" => new ReplaceDecoder(part),
            "Metaspace" => new MetaspaceDecoder(part),
            "BPEDecoder" => new WordSuffixDecoder(part),
            _ => throw type.Wrong("a decoder: Sequence, ByteLevel, ByteFallback, Fuse, Strip, Replace, Metaspace or BPEDecoder"),
        };
    }
}
