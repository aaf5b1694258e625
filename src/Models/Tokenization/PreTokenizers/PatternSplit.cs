using Splitwiser.Models.Tokenization.Patterns;

namespace Splitwiser.Models.Tokenization.PreTokenizers;

/// <summary>Cuts text at the matches of a pattern, or at what lies between them.</summary>
internal sealed class PatternSplit(TextPattern pattern, SplitBehavior behavior, bool invert) : PreTokenizer
{
    public override void Split(Piece piece, List<Piece> parts)
    {
        var stretches = pattern.Cut(piece.Text.Span);
        var merged = behavior switch
        {
            SplitBehavior.Removed => stretches.Where(stretch => !IsDelimiter(stretch)),
            SplitBehavior.Isolated => stretches,
            SplitBehavior.MergedWithNext => MergeWithNext(stretches),
            _ => Merge(stretches),
        };
        foreach (var (start, end, _) in merged)
            parts.Add(new Piece(piece.Text[start..end], piece.First && start == 0));
    }

    private bool IsDelimiter(Stretch stretch) => stretch.Matches != invert;

    // Of delimiters in a row, only the first joins what is before it.
    private List<Stretch> Merge(List<Stretch> stretches)
    {
        var merged = new List<Stretch>();
        var previous = false;
        foreach (var stretch in stretches)
        {
            var delimiter = IsDelimiter(stretch);
            var joins = behavior == SplitBehavior.Contiguous ? delimiter == previous : delimiter && !previous;
            if (joins && merged.Count > 0)
                merged[^1] = merged[^1] with { End = stretch.End };
            else
                merged.Add(stretch);
            previous = delimiter;
        }

        return merged;
    }

    // The mirror image: of delimiters in a row, only the last joins what is behind it.
    private List<Stretch> MergeWithNext(List<Stretch> stretches)
    {
        var merged = new List<Stretch>();
        var previous = false;
        for (var i = stretches.Count - 1; i >= 0; i--)
        {
            var delimiter = IsDelimiter(stretches[i]);
            if (delimiter && !previous && merged.Count > 0)
                merged[^1] = merged[^1] with { Start = stretches[i].Start };
            else
                merged.Add(stretches[i]);
            previous = delimiter;
        }

        merged.Reverse();
        return merged;
    }
}
