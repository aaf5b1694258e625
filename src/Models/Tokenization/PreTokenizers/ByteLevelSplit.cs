using System.Text.RegularExpressions;

namespace Splitwiser.Models.Tokenization.PreTokenizers;

/// <summary>Cuts words as GPT-2 does, unless another step has, and writes them in the byte alphabet.</summary>
internal sealed class ByteLevelSplit(JsonPart part) : PreTokenizer
{
    private static readonly Regex words = new(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", RegexOptions.Compiled | RegexOptions.CultureInvariant);

    private readonly bool addPrefixSpace = part["add_prefix_space"].Flag();
    private readonly bool cutWords = part.Member("use_regex")?.Flag() ?? true;

    public override void Split(Piece piece, List<Piece> parts)
    {
        var text = piece.Text;
        if (addPrefixSpace && (text.IsEmpty || text.Span[0] != ' '))
            text = string.Concat(" ", text.Span).AsMemory();
        if (!cutWords)
        {
            parts.Add(new Piece(ByteAlphabet.Write(text.Span).AsMemory(), piece.First));
            return;
        }

        foreach (var match in words.EnumerateMatches(text.Span))
            parts.Add(new Piece(ByteAlphabet.Write(text.Span.Slice(match.Index, match.Length)).AsMemory(), piece.First && match.Index == 0));
    }
}
