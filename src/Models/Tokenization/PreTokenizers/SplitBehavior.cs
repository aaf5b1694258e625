namespace Splitwiser.Models.Tokenization.PreTokenizers;

/// <summary>What becomes of the matches that text is cut at.</summary>
internal enum SplitBehavior
{
    Removed,
    Isolated,
    MergedWithPrevious,
    MergedWithNext,

    /// <summary>A run of matches is one part, and so is what lies between.</summary>
    Contiguous,
}
