namespace Splitwiser.Models.Tokenization.PreTokenizers;

/// <summary>A step that cuts pieces into smaller ones, and may rewrite them on the way.</summary>
internal abstract class PreTokenizer
{
    /// <summary>Adds the parts of <paramref name="piece"/> to <paramref name="parts"/>; a part may be empty.</summary>
    public abstract void Split(Piece piece, List<Piece> parts);

    public static PreTokenizer? Read(JsonPart? given)
    {
        if (given is not { } part)
            return null;
        var type = part["type"];
        return type.Text() switch
        {
            "ByteLevel" => new ByteLevelSplit(part),
            _ => throw type.Wrong("a pre-tokenizer that is served"),
        };
    }
}
