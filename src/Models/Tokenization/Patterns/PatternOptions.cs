namespace Splitwiser.Models.Tokenization.Patterns;

/// <summary>What (?i), (?m) and (?x) switch: case, whether a dot takes newlines, blanks and comments in the pattern.</summary>
internal readonly record struct PatternOptions(bool IgnoreCase, bool DotAll, bool Extended);
