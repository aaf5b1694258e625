namespace Splitwiser.Models.Tokenization.Decoders;

/// <summary>The way from tokens back to text, as tokenizer.json describes it.</summary>
internal abstract class Decoder
{
    /// <summary>Opens this step for one stream; what it gives goes to <paramref name="next"/>.</summary>
    public abstract TokenSink Open(TokenSink next);

    /// <summary>The bytes that a token stands for wherever it is, nothing where this step leaves its text as it is.</summary>
    public virtual byte[]? Bytes(ref string token) => null;

    public static Decoder Read(JsonPart? given)
    {
        if (given is not { } part)
            return new SpaceJoin();
        var type = part["type"];
        return type.Text() switch
        {
            "ByteLevel" => new ByteLevelDecoder(),
            _ => throw type.Wrong("a decoder that is served"),
        };
    }
}
