using System.Globalization;
using Splitwiser.Models.Tokenization.Patterns;

namespace Splitwiser.Models.Tokenization.PreTokenizers;

/// <summary>A step that cuts pieces into smaller ones, and may rewrite them on the way.</summary>
internal abstract class PreTokenizer
{
    private static readonly TextPattern space = TextPattern.BuiltIn(@"\s");
    private static readonly TextPattern digit = TextPattern.BuiltIn(@"\p{N}");
    private static readonly TextPattern punctuation = TextPattern.BuiltIn(@"[!-/:-@\[-`{-~\p{P}]");
    private static readonly TextPattern words = TextPattern.BuiltIn(@"[\w\x{200C}\x{200D}]+|[^\w\x{200C}\x{200D}\s]+"); // Rust's \w has the joiners

    /// <summary>Adds the parts of <paramref name="piece"/> to <paramref name="parts"/>; a part may be empty.</summary>
    public abstract void Split(Piece piece, List<Piece> parts);

    public static PreTokenizer? Read(JsonPart? given)
    {
        if (given is not { } part)
            return null;
        var type = part["type"];
        return type.Text() switch
        {
            "Sequence" => new PreTokenizerSequence([.. part["pretokenizers"].Items().Select(item => Read(item)!)]),
            "ByteLevel" => new ByteLevelSplit(part),
            "Metaspace" => new MetaspaceSplit(part),
            "Split" => new PatternSplit(TextPattern.Read(part["pattern"]), Behavior(part["behavior"]), part["invert"].Flag()),
            "Digits" => Cut(digit, part["individual_digits"].Flag() ? SplitBehavior.Isolated : SplitBehavior.Contiguous),
            "Punctuation" => Cut(punctuation, part.Member("behavior") is { } behavior ? Behavior(behavior) : SplitBehavior.Isolated),
            "Whitespace" => Cut(words, SplitBehavior.Removed, invert: true),
            "WhitespaceSplit" => Cut(space, SplitBehavior.Removed),
            "BertPreTokenizer" => new PreTokenizerSequence([Cut(space, SplitBehavior.Removed), Cut(punctuation, SplitBehavior.Isolated)]),
            "CharDelimiterSplit" => Cut(TextPattern.Verbatim(part, part["delimiter"].Character()), SplitBehavior.Removed),
            "FixedLength" => Cut(TextPattern.Expression(part, $"(?m:.{{1,{Length(part["length"])}}})"), SplitBehavior.Isolated),
            _ => throw type.Wrong(
                "a pre-tokenizer: Sequence, ByteLevel, Metaspace, Split, Digits, Punctuation, Whitespace, WhitespaceSplit, "
                + "BertPreTokenizer, CharDelimiterSplit or FixedLength"),
        };

        static PatternSplit Cut(TextPattern pattern, SplitBehavior behavior, bool invert = false) => new(pattern, behavior, invert);
    }

    private static string Length(JsonPart part) =>
        part.Count() is var length and > 0 and <= 100_000 ? length.ToString(CultureInfo.InvariantCulture) : throw part.Wrong("a length from 1 to 100000");

    private static SplitBehavior Behavior(JsonPart part) => part.Text() switch
    {
        "Removed" => SplitBehavior.Removed,
        "Isolated" => SplitBehavior.Isolated,
        "MergedWithPrevious" => SplitBehavior.MergedWithPrevious,
        "MergedWithNext" => SplitBehavior.MergedWithNext,
        "Contiguous" => SplitBehavior.Contiguous,
        _ => throw part.Wrong("Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous"),
    };
}
