using Splitwiser.Models.Tokenization.Patterns;

namespace Splitwiser.Models.Tokenization.PreTokenizers;

/// <summary>Writes spaces as a visible character, puts one in front, and cuts before each (SentencePiece's way with blanks).</summary>
internal sealed class MetaspaceSplit : PreTokenizer
{
    private readonly string replacement;
    private readonly MetaspacePrefix prefix;
    private readonly PatternSplit? cut;

    public MetaspaceSplit(JsonPart part)
    {
        replacement = part["replacement"].Character();
        prefix = ReadPrefix(part);
        if (part.Member("split")?.Flag() ?? true)
            cut = new PatternSplit(TextPattern.Verbatim(part, replacement), SplitBehavior.MergedWithNext, invert: false);
    }

    public static MetaspacePrefix ReadPrefix(JsonPart part)
    {
        var scheme = part.Member("prepend_scheme");
        var prefix = scheme?.Text() switch
        {
            null or "always" => MetaspacePrefix.Always,
            "first" => MetaspacePrefix.First,
            "never" => MetaspacePrefix.Never,
            _ => throw scheme!.Value.Wrong("always, first or never"),
        };
        if (part.Member("add_prefix_space") is not { } legacy || legacy.Flag())
            return prefix;
        return scheme is null || prefix == MetaspacePrefix.Never
            ? MetaspacePrefix.Never
            : throw legacy.Wrong("an add_prefix_space that agrees with prepend_scheme");
    }

    public override void Split(Piece piece, List<Piece> parts)
    {
        var text = new string(piece.Text.Span).Replace(" ", replacement, StringComparison.Ordinal);
        var wanted = prefix == MetaspacePrefix.Always || (prefix == MetaspacePrefix.First && piece.First);
        if (wanted && !text.StartsWith(replacement, StringComparison.Ordinal))
            text = replacement + text;
        var rewritten = piece with { Text = text.AsMemory() };
        if (cut is null)
            parts.Add(rewritten);
        else
            cut.Split(rewritten, parts);
    }
}
