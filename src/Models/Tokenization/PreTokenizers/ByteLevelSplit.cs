using Splitwiser.Models.Tokenization.Patterns;

namespace Splitwiser.Models.Tokenization.PreTokenizers;

/// <summary>Cuts words as GPT-2 does, unless another step has, and writes them in the byte alphabet.</summary>
internal sealed class ByteLevelSplit(JsonPart part) : PreTokenizer
{
    private static readonly TextPattern words = TextPattern.BuiltIn(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+");

    private readonly bool addPrefixSpace = part["add_prefix_space"].Flag();
    private readonly bool cutWords = part.Member("use_regex")?.Flag() ?? true;

    public override void Split(Piece piece, List<Piece> parts)
    {
        var text = piece.Text;
        if (addPrefixSpace && (text.IsEmpty || text.Span[0] != ' '))
            text = string.Concat(" ", text.Span).AsMemory();
        if (!cutWords)
        {
            Add(text.Span, piece.First);
            return;
        }

        foreach (var (start, end, _) in words.Cut(text.Span))
            Add(text.Span[start..end], piece.First && start == 0);

        void Add(ReadOnlySpan<char> word, bool first) => parts.Add(new Piece(ByteAlphabet.Write(word).AsMemory(), first));
    }
}
